"""What cannot be is struck, with the reason; what is only unlikely is not."""

from __future__ import annotations

import math

import pytest

from vae_studio.evaluation.reading import Reading, unavailable
from vae_studio.evaluation.verdict import RULES, Facts, judged


def judge(key: str, value: float, error: float | None = 0.1, **facts) -> Reading:
    (found,) = judged([Reading(key, key, value, error)], Facts(units=10, **facts))
    return found


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("total_correlation", -1.5), ("marginal_kl", -1.5), ("unit_kl", -2.0), ("test.rate", -1.0),
        ("mig", 1.01), ("mig", -0.1), ("sap", 2.0), ("dci_completeness", 1.1), ("beta_vae", -1.0),
        ("code_auroc", 1.2), ("ssim", 1.5), ("active_units", 11), ("frechet_samples", -0.5),
        ("kid_samples_fitted", -0.5), ("test.rate_fitted", -3.0),
    ],
)  # fmt: skip
def test_that_the_impossible_is_struck_and_kept(key: str, value: float) -> None:
    found = judge(key, value)
    assert found.trust == "struck"
    assert found.value == value
    assert found.reason.endswith(".")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("total_correlation", -0.6), ("marginal_kl", 0.0), ("mig", 1.0), ("mig", 0.0),
        ("kid_samples", -0.3), ("active_units", 10), ("psnr", 100.0), ("test.nelbo", -500.0),
    ],
)  # fmt: skip
def test_that_what_chance_explains_is_left_alone(key: str, value: float) -> None:
    assert judge(key, value).trust == "sound"


def test_that_more_information_than_pictures_is_struck() -> None:
    assert judge("mutual_information", 47.9, population=60_000).trust == "struck"
    assert "11.00" in judge("mutual_information", 47.9, population=60_000).reason
    assert judge("mutual_information", 11.1, population=60_000).trust == "sound"


def test_that_an_nll_above_its_own_nelbo_is_struck() -> None:
    nelbos = {
        "nll": Reading("test.nelbo", "", 100.0, 0.3),
        "nll_fitted": Reading("test.nelbo_fitted", "", 97.0, 0.3),
    }
    assert judge("nll", 103.0, nelbos=nelbos).trust == "struck"
    assert judge("nll", 101.0, nelbos=nelbos).trust == "sound"
    assert judge("nll_fitted", 99.0, nelbos=nelbos).trust == "struck"
    assert judge("nll", 103.0).trust == "sound"  # nothing to compare with


def test_that_what_is_no_number_is_struck() -> None:
    found = judge("psnr", math.nan)
    assert (found.trust, found.value) == ("struck", None)


def test_that_what_was_not_measured_is_not_judged() -> None:
    missing = unavailable("mig", "MIG", "No factors.")
    assert judged([missing], Facts(units=1)) == (missing,)


def test_that_every_rule_is_of_a_reading_that_some_group_makes() -> None:
    """A reading that was renamed would slip past its rule."""
    from pathlib import Path

    import vae_studio.evaluation.groups as groups

    sources = "".join(p.read_text("utf-8") for p in Path(groups.__file__).parent.glob("*.py"))
    for key in RULES:
        stem = key.split(".")[-1]
        parts = [stem] if f'"{stem}"' in sources else stem.rsplit("_", 1)
        assert all(part in sources for part in parts), key
