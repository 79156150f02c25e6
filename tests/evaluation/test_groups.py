"""Every group of numbers on a small trained model: what it reads, and when it says it cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vae_studio.data.image_set import Factor, ImageSet
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.engine.fit_prior import fit_prior
from vae_studio.engine.fitted_prior import keep as keep_prior
from vae_studio.engine.session import open_model, start_run
from vae_studio.evaluation import report
from vae_studio.evaluation.reading import Reading
from vae_studio.evaluation.report import GROUPS, Evaluation, chosen_groups, evaluation
from vae_studio.evaluation.slices import finish
from vae_studio.evaluation.subject import Subject

QUICK = {
    "model.net": "mlp", "model.options.width": 32, "model.latent_dim": 4, "train.epochs": 8,
    "train.batch_size": 50, "train.precision": "fp32", "train.device": "cpu",
}  # fmt: skip


def trained(out: Path, splits, changes: dict[str, object] | None = None) -> Path:
    config = RunConfig()
    for path, value in {**QUICK, **(changes or {})}.items():
        config = with_value(config, path, value)  # type: ignore[arg-type]
    for _ in start_run(config, splits, out=out, name=out.name).run():
        pass
    return out


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tiny_splits) -> Path:
    out = trained(tmp_path_factory.mktemp("groups") / "plain", tiny_splits)
    model = open_model(out)
    keep_prior(
        out, finish(fit_prior(model.vae, tiny_splits, "mixture", {"components": 3})),
        step=model.step,
    )  # fmt: skip
    return out


@pytest.fixture
def subject(run: Path, tiny_splits, monkeypatch: pytest.MonkeyPatch) -> Subject:
    monkeypatch.setattr("vae_studio.evaluation.classifier.STEPS", 20)
    fitted = open_model(run, prior="fitted")
    return Subject(open_model(run), tiny_splits, fitted, is_samples=20, is_images=30)


def measured(subject: Subject, *groups: str) -> dict[str, Reading]:
    found: Evaluation = finish(evaluation(subject, groups or tuple(GROUPS)))
    assert found.complete
    return {reading.key: reading for reading in found.readings}


def test_that_everything_is_measured_and_nothing_is_impossible(subject: Subject) -> None:
    found = measured(subject)
    assert not [reading for reading in found.values() if reading.trust == "struck"]
    missing = {key for key, reading in found.items() if reading.trust == "unavailable"}
    assert missing == {"mig"}
    for reading in found.values():
        assert reading.trust in ("sound", "rough", "saturated") or reading.reason
        assert reading.value is None or np.isfinite(reading.value)
        assert reading.value is None or reading.count > 0


def test_that_keys_are_unique(subject: Subject) -> None:
    readings = finish(evaluation(subject, tuple(GROUPS))).readings
    assert len({reading.key for reading in readings}) == len(readings)


def test_that_both_priors_are_reported_with_their_conventions(subject: Subject) -> None:
    found = measured(subject, "likelihood", "nll")
    assert found["test.distortion"].value == found["test.distortion_fitted"].value
    for key in ("test.nelbo", "nll"):
        plain, fitted = found[key], found[f"{key}_fitted"]
        assert "prior" not in plain.convention
        assert "prior mixture" in fitted.convention
        assert fitted.value != plain.value
    assert found["nll"].convention.endswith("IS-20")
    assert found["nll"].value <= found["is_10"].value <= found["is_1"].value


def test_that_few_effective_draws_are_rough(subject: Subject) -> None:
    assert measured(subject, "nll")["nll"].trust == "rough"


def test_that_information_adds_up_to_the_rate(subject: Subject) -> None:
    found = measured(subject, "information")
    whole = found["information_sum"]
    parts = found["mutual_information"].value + found["marginal_kl"].value
    assert whole.value == pytest.approx(parts)
    assert whole.trust == "sound"  # within the error of the rate
    assert found["mutual_information"].trust in ("rough", "saturated")  # 384 references


def test_that_samples_of_a_conditional_model_are_told_labels(
    tmp_path: Path, tiny_splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vae_studio.evaluation.classifier.STEPS", 5)
    changes = {"model.conditional": True, "train.epochs": 1}
    out = trained(tmp_path / "told", tiny_splits, changes)
    told = Subject(open_model(out), tiny_splits, is_samples=10, is_images=10)
    drawn = told.samples(told.model.probe, 12)
    assert drawn.labels_N is not None
    assert set(drawn.labels_N) <= set(tiny_splits.train.labels_N)
    assert not [r for r in measured(told).values() if r.trust == "struck"]


def test_that_an_autoencoder_has_copies_but_no_bound(tmp_path: Path, tiny_splits) -> None:
    changes = {"model.codes": "exact", "train.epochs": 1}
    out = trained(tmp_path / "exact", tiny_splits, changes)
    found = measured(
        Subject(open_model(out), tiny_splits), "likelihood", "nll", "information", "copies"
    )
    for key in ("test.nelbo", "nll", "mutual_information"):
        assert found[key].trust == "unavailable"
    assert found["test.distortion"].value > 0
    assert found["psnr"].value > 5


def test_that_unlabelled_pictures_have_no_features_to_compare_in(run: Path, tiny_splits) -> None:
    bare = replace(tiny_splits, train=ImageSet(tiny_splits.train.images_NCHW))
    found = measured(Subject(open_model(run), bare), "samples")
    assert found["kid_samples"].trust == "unavailable"


def test_that_factors_are_scored_where_they_are_known(run: Path, tiny_splits) -> None:
    dice = np.random.default_rng(0)
    known = dice.integers(0, [3, 4], (len(tiny_splits.test), 2))
    test = ImageSet(tiny_splits.test.images_NCHW, factors_NF=known)
    factors = (Factor("shape", 3), Factor("x", 4))
    found = measured(
        Subject(open_model(run), replace(tiny_splits, test=test, factors=factors)), "factors"
    )
    assert set(found) >= {"mig", "mig_without_shape", "sap", "factor_vae", "beta_vae"}
    assert all(0 <= reading.value <= 1 for reading in found.values())
    assert "shape, x" in found["mig"].estimator


def test_that_pictures_that_can_be_drawn_are_drawn_for_every_combination(
    run: Path, tiny_splits
) -> None:
    asked: list[np.ndarray] = []

    def draw(factors_NF: np.ndarray) -> np.ndarray:
        asked.append(factors_NF)
        return np.zeros((len(factors_NF), 1, 28, 28), np.uint8)

    drawn = replace(tiny_splits, factors=(Factor("shape", 3), Factor("x", 40)), drawer=draw)
    found = measured(Subject(open_model(run), drawn), "factors")
    assert len(asked) == 1
    assert len({tuple(row) for row in asked[0]}) == len(asked[0]) == 120
    assert found["mig"].count == 120
    assert found["mig"].value == 0.0  # all pictures are alike


def test_that_copied_training_pictures_are_noticed(
    run: Path, tiny_splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    parrot = lambda self, probe, count, **_: self.splits.train.slice(0, count)  # noqa: E731
    monkeypatch.setattr(Subject, "samples", parrot)
    found = measured(Subject(open_model(run), tiny_splits), "memorisation")
    assert found["pixel_ratio"].value == 0.0
    assert found["pixel_auroc"].value > 0.95
    assert "look at them" in found["pixel_ratio"].reason


def test_that_an_impossible_reading_is_struck_in_the_report(
    run: Path, tiny_splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(subject: Subject):
        yield 1.0
        return (Reading("total_correlation", "TC", -42.0, 0.1, 10),)

    monkeypatch.setattr(report.information, "readings", broken)
    found = finish(evaluation(Subject(open_model(run), tiny_splits), ("information",)))
    (line,) = found.as_dict()["readings"]
    assert (line["value"], line["trust"]) == (-42.0, "struck")
    assert line["reason"] == "It cannot be negative."


def test_that_a_stop_keeps_what_is_measured(subject: Subject) -> None:
    slices = evaluation(subject, ("likelihood", "copies", "nll"))
    words = ""
    while "copies" not in words:
        _, words = next(slices)
    with pytest.raises(StopIteration) as end:
        slices.send(True)
    found: Evaluation = end.value.value
    assert not found.complete
    assert found.reading("test.nelbo") is not None
    assert found.reading("nll") is None


def test_that_a_stop_keeps_the_pictures_already_sampled(subject: Subject) -> None:
    slow = replace(subject, is_samples=1000)
    slices = evaluation(slow, ("nll",))
    for _ in range(8):
        next(slices)
    with pytest.raises(StopIteration) as end:
        slices.send(True)
    nll = end.value.value.reading("nll")
    assert 0 < nll.count < 30
    assert not end.value.value.complete


def test_that_shares_climb_to_the_end(subject: Subject) -> None:
    shares = [share for share, _ in evaluation(subject, tuple(GROUPS))]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_that_unknown_groups_are_told() -> None:
    from vae_studio.domain.errors import StudioError

    with pytest.raises(StudioError, match="choose from"):
        chosen_groups(["likelihood", "beauty"])
    assert chosen_groups(["nll", "likelihood"]) == ("likelihood", "nll")
