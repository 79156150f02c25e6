"""Scores of disentanglement on codes whose quality is known by construction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from vae_studio.evaluation.factors.binned import (
    binned,
    entropy,
    jackknife_error,
    mutual_information,
)
from vae_studio.evaluation.factors.dci import dci
from vae_studio.evaluation.factors.forest import Forest
from vae_studio.evaluation.factors.gaps import mig, sap
from vae_studio.evaluation.factors.votes import beta_vae_score, factor_vae_score, vote_error

SIZES = (3, 6, 8, 8)
COUNT = 3000


def factors() -> np.ndarray:
    return np.random.default_rng(0).integers(0, SIZES, (COUNT, len(SIZES)))


def standardised(factors_NF: np.ndarray) -> np.ndarray:
    return (factors_NF - factors_NF.mean(0)) / factors_NF.std(0)


def perfect() -> np.ndarray:
    """One unit per factor, a little noise, another order, and two dead units."""
    dice = np.random.default_rng(1)
    codes = standardised(factors())[:, [2, 0, 3, 1]] + 0.02 * dice.standard_normal((COUNT, 4))
    return np.hstack([codes, 0.01 * dice.standard_normal((COUNT, 2))])


def rotated() -> np.ndarray:
    """The same information, every unit a mixture of all factors."""
    dice = np.random.default_rng(2)
    turn, _ = np.linalg.qr(dice.standard_normal((4, 4)))
    mixed = standardised(factors()) @ (0.5 * turn + 0.25 * np.array(
        [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    ))  # fmt: skip
    return mixed + 0.02 * dice.standard_normal((COUNT, 4))


def unrelated() -> np.ndarray:
    """Perfect codes of other pictures."""
    return np.random.default_rng(3).permutation(perfect())


SCORES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "MIG": mig,
    "SAP": sap,
    "DCI disentanglement": lambda codes, known: dci(codes, known).disentanglement,
    "DCI completeness": lambda codes, known: dci(codes, known).completeness,
    "FactorVAE": factor_vae_score,
    "beta-VAE": beta_vae_score,
}


@pytest.mark.parametrize("name", list(SCORES))
def test_that_perfect_codes_score_near_one(name: str) -> None:
    assert SCORES[name](perfect(), factors()) > 0.93


@pytest.mark.parametrize(
    ("name", "at_most"),
    [("MIG", 0.2), ("SAP", 0.25), ("DCI disentanglement", 0.5), ("DCI completeness", 0.5),
     ("FactorVAE", 0.85)],
)  # fmt: skip
def test_that_rotated_codes_score_low(name: str, at_most: float) -> None:
    assert SCORES[name](rotated(), factors()) < at_most


def test_that_the_beta_vae_score_does_not_mind_rotation_as_is_known() -> None:
    assert SCORES["beta-VAE"](rotated(), factors()) > 0.8


@pytest.mark.parametrize(
    ("name", "at_most"),
    [("MIG", 0.03), ("SAP", 0.1), ("FactorVAE", 0.4), ("beta-VAE", 0.4)],
)
def test_that_codes_of_other_pictures_score_as_chance_does(name: str, at_most: float) -> None:
    assert SCORES[name](unrelated(), factors()) < at_most


def test_that_informativeness_is_how_often_factors_are_guessed() -> None:
    assert dci(perfect(), factors()).informativeness > 0.95
    assert dci(rotated(), factors()).informativeness > 0.4
    assert dci(unrelated(), factors()).informativeness < 0.25  # chance is 0.19


def test_that_two_units_for_one_factor_are_disentangled_but_not_complete() -> None:
    codes = perfect()
    dice = np.random.default_rng(4)
    noisy = [codes[:, :4] + 0.1 * dice.standard_normal((COUNT, 4)) for _ in range(2)]
    twice = np.hstack(noisy)
    found = dci(twice, factors())
    assert found.disentanglement > 0.8
    assert found.completeness < found.disentanglement - 0.1
    assert mig(twice, factors()) < 0.2


@pytest.mark.parametrize("name", list(SCORES))
def test_that_dead_units_and_constant_factors_do_no_harm(name: str) -> None:
    known = np.hstack([factors(), np.zeros((COUNT, 1), np.int64)])
    codes = np.hstack([perfect(), np.full((COUNT, 1), 3.0)])
    assert SCORES[name](codes, known) > 0.9
    assert 0 <= SCORES[name](np.zeros((COUNT, 3)), known) < 0.4


def test_that_a_score_is_the_same_whatever_the_order_and_sign_of_units() -> None:
    for name in ("MIG", "SAP", "DCI disentanglement"):
        turned = -perfect()[:, ::-1]
        wanted = SCORES[name](perfect(), factors())
        assert SCORES[name](turned, factors()) == pytest.approx(wanted, abs=0.03)


def test_that_mutual_information_is_the_formula() -> None:
    dice = np.random.default_rng(6)
    one, other = dice.integers(0, 3, 500), dice.integers(0, 4, 500)
    other[one == 0] = 1
    joint = np.zeros((3, 4))
    np.add.at(joint, (one, other), 1 / 500)
    outer = joint.sum(1)[:, None] * joint.sum(0)[None]
    wanted = sum(p * np.log(p / q) for p, q in zip(joint.ravel(), outer.ravel(), strict=True) if p)
    assert mutual_information(one, other) == pytest.approx(wanted)
    assert entropy(np.array([5, 5, 0])) == pytest.approx(np.log(2))


def test_that_bins_are_equally_wide() -> None:
    codes = np.array([[0.0], [0.49], [0.51], [1.0]])
    assert binned(codes, 2).ravel().tolist() == [0, 0, 1, 1]


def test_that_the_error_shrinks_with_more_pictures() -> None:
    few = jackknife_error(mig, rotated()[:300], factors()[:300])
    many = jackknife_error(mig, rotated(), factors())
    assert 0 < many < few
    assert vote_error(0.5) == pytest.approx(0.0177, abs=1e-3)


def test_that_trees_learn_what_no_single_column_tells() -> None:
    """Exclusive or of two columns, with two that say nothing."""
    dice = np.random.default_rng(7)
    bins = dice.integers(0, 8, (2000, 4))
    label = ((bins[:, 1] > 3) ^ (bins[:, 3] > 3)).astype(np.int64)
    forest = Forest(bins[:1500], label[:1500])
    assert (forest.guess(bins[1500:]) == label[1500:]).mean() > 0.95
    assert forest.importance_D.sum() == pytest.approx(1.0)
    assert forest.importance_D[[1, 3]].sum() > 0.8


def test_that_trees_of_one_class_gain_nothing() -> None:
    bins = np.random.default_rng(8).integers(0, 8, (100, 3))
    forest = Forest(bins, np.zeros(100, np.int64))
    assert forest.importance_D.tolist() == [0.0, 0.0, 0.0]
    assert set(forest.guess(bins)) == {0}
