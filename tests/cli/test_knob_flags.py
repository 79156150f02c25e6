"""Every knob is a flag, every setting can be set, and the config is what the words say."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from vae_studio.commands.knob_flags import config_from
from vae_studio.commands.train import parser
from vae_studio.domain.config import RunConfig, knobs, value_at
from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Knob


def config_of(line: str) -> RunConfig:
    """The config that the words of a `train` line spell."""
    return config_from(parser().read(line.split()))


def test_that_without_flags_the_defaults_hold() -> None:
    assert config_of("") == RunConfig()


OTHER_VALUES = {"int": "7", "float": "0.5", "flag": "yes"}


@pytest.mark.parametrize(
    "knob", [k for k in knobs() if k.flag and k.kind in OTHER_VALUES], ids=lambda k: k.path
)
def test_that_the_flag_and_set_of_a_number_agree(knob: Knob) -> None:
    text = OTHER_VALUES[knob.kind]
    by_flag = config_of(f"{knob.flag} {text}")
    assert by_flag == config_of(f"--set {knob.path}={text}")
    assert value_at(by_flag, knob.path) == knob.parse(text)


def test_that_the_words_of_the_issue_spell_a_run() -> None:
    config = config_of(
        "--dataset mnist --epochs 50 --latent-dim 20 --beta 4 --schedule linear --net conv "
        "--likelihood gaussian --batch-size 64 --lr 0.001 --seed 3 --device cpu"
    )
    assert (config.data.dataset, config.train.epochs, config.model.latent_dim) == ("mnist", 50, 20)
    assert (config.objective.beta, config.objective.schedule) == (4.0, "linear")
    assert (config.model.net, config.model.likelihood) == ("conv", "gaussian")
    assert (config.train.batch_size, config.train.learning_rate) == (64, 0.001)
    assert (config.train.seed, config.train.device) == (3, "cpu")


def test_that_options_belong_to_the_chosen_card_wherever_they_stand() -> None:
    config = config_of("--set model.options.depth=3 --set model.net=mlp")
    assert config.model.options == {"depth": 3}
    config = config_of("--likelihood gaussian --set model.likelihood_options.sigma=0.2")
    assert config.model.likelihood_options == {"sigma": 0.2}


def test_that_a_folder_gets_a_name_and_its_place_stays_private(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    Image.new("L", (8, 8)).save(folder / "a.png")
    config = config_of(f"--dataset {folder}")
    assert config.data.dataset == "folder:scans"
    with pytest.raises(StudioError):
        config_of(f"--dataset {tmp_path}/none")
