"""Presets: each can be run, and says only what was measured."""

from __future__ import annotations

import pytest

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.presets import preset, presets
from vae_studio.engine import build, catalog

NAMES = list(presets())


@pytest.mark.parametrize("name", NAMES)
def test_that_every_preset_is_a_config_the_engine_can_build(name: str) -> None:
    config = catalog.check(preset(name).config)
    vae = build.build_vae(config.model, (1, 28, 28), seed=0)
    assert build.build_objective(config, vae)


@pytest.mark.parametrize("name", NAMES)
def test_that_a_preset_tells_what_it_is_for_and_when_it_was_measured(name: str) -> None:
    found = preset(name)
    assert found.name == name
    assert found.title
    assert found.help.endswith(".")
    for expected in found.expected:
        assert expected.machine
        assert expected.date
        assert expected.value == expected.value


def test_that_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(StudioError, match="There is no preset 'mnist-5s'; use one of: mnist-30s,"):
        preset("mnist-5s")


def test_that_a_preset_leaves_device_precision_and_seed_to_the_person() -> None:
    own = with_value(with_value(RunConfig(), "train.device", "cpu"), "train.seed", 7)
    taken = preset("mnist-30s").on_machine_of(own)
    assert (taken.train.device, taken.train.seed) == ("cpu", 7)
    assert taken.train.epochs == preset("mnist-30s").config.train.epochs
