"""Choices about a set that its name spells."""

from __future__ import annotations

import pytest

from vae_studio.data.named import source_of
from vae_studio.data.set_options import base_of, knobs_of, spelled, values_of

NAMES = [
    "shapes", "shapes:64", "shapes:colour", "shapes:64,colour,rotation,correlated=0.7",
    "medmnist:breast", "medmnist:breast,128", "folder:scans", "folder:scans,window=400,level=40",
    "mnist",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_that_a_name_and_its_choices_spell_each_other(name: str) -> None:
    assert values_of(spelled(name, values_of(name))) == values_of(name)
    assert base_of(spelled(name, values_of(name))) == base_of(name)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("folder")])
def test_that_a_spelled_name_is_the_one_spelling_of_its_source(name: str) -> None:
    wanted, spelling = source_of(name), source_of(spelled(name, values_of(name)))
    assert wanted is not None
    assert spelling is not None
    assert wanted.entry.name == spelling.entry.name


def test_that_every_choice_of_a_form_is_understood_by_the_source() -> None:
    for name in ("shapes", "medmnist:breast"):
        for knob in knobs_of(name):
            values = [c.value for c in knob.choices] or [True if knob.kind == "flag" else 0.5]
            for value in values:
                chosen = spelled(name, {**values_of(name), knob.path: value})
                assert source_of(chosen) is not None
                assert values_of(chosen)[knob.path] == value


def test_that_a_window_of_no_width_is_none() -> None:
    assert spelled("folder:scans,window=400,level=40", {"window": 0.0, "level": 40.0}) == (
        "folder:scans"
    )
