"""`vae-studio translate` prints a command line that `train` takes back to the same settings."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path

import pytest

from vae_studio.cli import main
from vae_studio.commands import train
from vae_studio.commands.knob_flags import config_from
from vae_studio.commands.translate import train_words
from vae_studio.domain.config import RunConfig
from vae_studio.domain.translate.translation import translate
from vae_studio.engine import catalog

PYTORCH_VAE = """\
model_params: {name: VanillaVAE, in_channels: 3, latent_dim: 128}
data_params: {patch_size: 64, train_batch_size: 64}
exp_params: {kld_weight: 0.00025, LR: 5e-3, scheduler_gamma: 0.95}
trainer_params: {max_epochs: 100, precision: 16}
"""
RECIPES = {
    "pytorch-vae": PYTORCH_VAE,
    "capacity": "model_params: {name: BetaVAE}\nkld_weight: 0.001\nmax_epochs: 5\nbatch_size: 64",
    "pythae": '{"name": "BetaTCVAEConfig", "reconstruction_loss": "bce", "beta": 5}',
    "iwae": '{"name": "IWAEConfig", "reconstruction_loss": "mse", "number_samples": 7}',
    "words": "python main.py x -d mnist -l betaH -r laplace --reg-anneal 10000 -e 20 -b 64",
}


def config_of(command: str) -> RunConfig:
    """The settings `train` reads from a printed command line."""
    words = shlex.split(command)
    assert words[:2] == ["vae-studio", "train"]
    return config_from(train.parser().read(words[2:]))


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(PYTORCH_VAE)
    return path


def test_that_it_prints_the_command_the_notes_and_what_the_loss_equals(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translate", str(recipe)]) == 0
    command, *rest = capsys.readouterr().out.splitlines()
    shown = " ".join(" ".join(rest).split())
    assert "--likelihood gaussian" in command
    assert "model.likelihood_options.sigma=1.23935" in command
    assert "that is a Gaussian with σ = 1.24." in shown
    assert "Without a counterpart here: precision." in shown
    assert "Your loss equals β = 1.54 at unit variance." in shown


@pytest.mark.parametrize("name", RECIPES)
def test_that_train_reads_the_command_back_to_the_same_settings(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "recipe"
    path.write_text(RECIPES[name])
    assert main(["translate", str(path)]) == 0
    command = capsys.readouterr().out.splitlines()[0]
    assert config_of(command) == translate(RECIPES[name], catalog).config


def test_that_a_lost_word_of_the_command_would_be_seen() -> None:
    config = translate(PYTORCH_VAE, catalog).config
    words = train_words(config)
    assert config_of(shlex.join(["vae-studio", "train", *words[:-2]])) != config


def test_that_json_holds_settings_notes_and_numbers(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translate", str(recipe), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["style"] == "PyTorch-VAE"
    assert found["effective_beta"] == pytest.approx(1.536, abs=1e-4)
    assert found["normalised_beta"] == pytest.approx(1.536 * 128 / 12_288, abs=1e-5)
    assert found["config"]["model"]["latent_dim"] == 128
    assert found["unknown"] == ["precision"]
    assert config_of(found["command"]).model.latent_dim == 128


def test_that_a_recipe_may_come_through_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PYTORCH_VAE.encode())))
    assert main(["translate", "-"]) == 0
    assert "sigma=1.23935" in capsys.readouterr().out


def test_that_the_two_files_of_pythae_are_one_recipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, training = tmp_path / "model_config.json", tmp_path / "training_config.json"
    model.write_text('{"name": "VAEConfig", "reconstruction_loss": "bce", "latent_dim": 16}')
    training.write_text('{"name": "BaseTrainerConfig", "num_epochs": 3, "learning_rate": 0.001}')
    assert main(["translate", str(training), str(model)]) == 0
    config = config_of(capsys.readouterr().out.splitlines()[0])
    assert (config.train.epochs, config.model.latent_dim) == (3, 16)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"model_params: [", "neither YAML nor JSON"),
        (b"\xff\xfe\x00", "text in UTF-8"),
        (b"#" * (1 << 21), "shorter than 1 MB"),
        (b"model_params: {name: VQVAE}", "'VQVAE' has no counterpart here"),
        (b"kld_weight: lots", "'kld_weight' must be a number"),
    ],
)
def test_that_a_bad_recipe_is_one_sentence_and_exit_code_2(
    content: bytes, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    assert main(["translate", str(path)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert complaint in told.err


def test_that_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "nowhere.yaml"]) == 2
    assert "There is no file 'nowhere.yaml'" in capsys.readouterr().err
    assert main(["translate"]) == 2
    assert "RECIPE is missing" in capsys.readouterr().err
