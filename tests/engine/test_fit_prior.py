"""A prior fitted after training: a lower rate, the same distortion, kept in the run folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vae_studio.cli import main
from vae_studio.domain.errors import StudioError
from vae_studio.engine.fit_prior import Fit, fit_prior, new_prior
from vae_studio.engine.fitted_prior import keep
from vae_studio.engine.measure import Measured, measure
from vae_studio.engine.session import open_model, start_run
from vae_studio.runs.folder import RunFolder


def last(generator):
    """What a generator returns."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tiny_splits) -> Path:
    """A short run whose codes are far from N(0, I): β is low."""
    from vae_studio.domain.config import RunConfig, with_value

    config = RunConfig()
    for path, value in {
        "model.net": "mlp", "model.options.width": 48, "model.latent_dim": 3, "train.epochs": 12,
        "train.batch_size": 50, "train.precision": "fp32", "train.device": "cpu",
        "objective.beta": 0.1,
    }.items():  # fmt: skip
        config = with_value(config, path, value)  # type: ignore[arg-type]
    out = tmp_path_factory.mktemp("fitted") / "run"
    for _ in start_run(config, tiny_splits, out=out, name="low-beta").run():
        pass
    return out


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits of a second."""
    monkeypatch.setattr("vae_studio.engine.priors.realnvp.FIT_STEPS", 60)
    monkeypatch.setattr("vae_studio.engine.priors.mixture.PICTURED", 2000)


OPTIONS = {
    "mixture": {"components": 4, "covariance": "full"},
    "realnvp": {"couplings": 4, "width": 32},
}


@pytest.mark.parametrize("name", list(OPTIONS))
def test_that_a_fit_lowers_the_rate_and_leaves_the_distortion(
    name: str, run: Path, tiny_splits, quick: None
) -> None:
    model = open_model(run)
    before: Measured = last(measure(model.vae, tiny_splits.test))
    fit: Fit = last(fit_prior(model.vae, tiny_splits, name, OPTIONS[name]))
    assert fit.rate < fit.rate_before - 1.0
    model.vae.prior = fit.prior  # type: ignore[assignment]
    after: Measured = last(measure(model.vae, tiny_splits.test))
    assert after.distortion == before.distortion
    assert after.rate < before.rate - 1.0


def test_that_what_is_kept_is_the_best_on_pictures_held_out(
    run: Path, tiny_splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 components learn 40 training pictures by heart; the last step of EM is not the best."""
    from dataclasses import replace

    monkeypatch.setattr("vae_studio.engine.priors.mixture.PICTURED", 40)
    few = replace(tiny_splits, train=tiny_splits.train.slice(0, 40))
    options = {"components": 32, "covariance": "full"}
    fit: Fit = last(fit_prior(open_model(run).vae, few, "mixture", options))
    monkeypatch.setattr("vae_studio.engine.fit_prior._Best.look", lambda best: _latest(best))
    latest: Fit = last(fit_prior(open_model(run).vae, few, "mixture", options))
    assert fit.rate < latest.rate - 0.5


def _latest(best) -> None:
    best.rate, best._state = best.rate_of(best.prior), best.prior.state_dict()


def test_that_a_fit_is_the_same_for_the_same_seed(run: Path, tiny_splits, quick: None) -> None:
    rates = [
        last(
            fit_prior(open_model(run).vae, tiny_splits, "realnvp", OPTIONS["realnvp"], seed=s)
        ).rate
        for s in (1, 1, 2)
    ]
    assert rates[0] == rates[1] != rates[2]


def test_that_a_fitted_prior_is_kept_and_opened(run: Path, tiny_splits, quick: None) -> None:
    model = open_model(run)
    for name, options in OPTIONS.items():
        fit: Fit = last(fit_prior(model.vae, tiny_splits, name, options))
        keep(run, fit, step=model.step)
        opened = open_model(run, prior="fitted")
        z = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
        import torch

        with torch.no_grad():
            wanted = fit.prior.log_prob(torch.from_numpy(z))
            assert torch.equal(opened.vae.prior.log_prob(torch.from_numpy(z)), wanted)
        assert f"prior {name}" in str(opened.convention)
        assert opened.notes == ()
    assert "prior" not in str(open_model(run).convention)
    assert len(list(run.glob("prior-*.safetensors"))) == 1  # the one before is gone
    assert RunFolder.open(run).manifest.state == "done"


def test_that_a_run_without_a_fitted_prior_says_how_to_get_one(
    tmp_path: Path, run: Path, tiny_splits
) -> None:
    from vae_studio.domain.config import from_dict

    config = from_dict(RunFolder.open(run).manifest.config)
    from vae_studio.domain.config import with_value

    out = tmp_path / "bare"
    for _ in start_run(with_value(config, "train.epochs", 1), tiny_splits, out=out).run():
        pass
    with pytest.raises(StudioError, match="vae-studio fit-prior"):
        open_model(out, prior="fitted")


def test_that_a_prior_file_that_changed_is_noticed(
    tmp_path: Path, run: Path, tiny_splits, quick: None
) -> None:
    import shutil

    model = open_model(run)
    keep(run, last(fit_prior(model.vae, tiny_splits, "mixture", OPTIONS["mixture"])), step=1)
    copied = tmp_path / "copied"
    shutil.copytree(run, copied)
    assert "step 1," in open_model(copied, prior="fitted").notes[0]  # fitted to another step
    (file,) = copied.glob("prior-*.safetensors")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(StudioError, match="fit it again"):
        open_model(copied, prior="fitted")
    open_model(copied)  # the model itself is none the worse


@pytest.mark.parametrize(
    ("name", "options"), [("normal", {}), ("gamma", {}), ("realnvp", {"components": 3})]
)
def test_that_what_cannot_be_fitted_is_told(name: str, options: dict) -> None:
    with pytest.raises(StudioError):
        new_prior(name, 4, options, seed=0)


def test_that_the_commands_fit_and_sample(
    run: Path, tmp_path: Path, tiny_splits, quick: None,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("vae_studio.engine.session.load_data", lambda *a, **k: tiny_splits)
    words = ["fit-prior", str(run), "--prior", "mixture", "--set", "components=4", "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["options"] == {"components": 4, "covariance": "full"}
    assert told["rate"] < told["rate_before"]
    drawn = {}
    for prior in ("trained", "fitted"):
        out = tmp_path / f"{prior}.png"
        assert main(["sample", str(run), "--out", str(out), "--prior", prior]) == 0
        drawn[prior] = out.read_bytes()
    assert drawn["trained"] != drawn["fitted"]
    assert main(["fit-prior", str(run), "--set", "colour=red"]) == 2
