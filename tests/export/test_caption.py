"""Captions name facts, and say nothing about facts nobody knows."""

from __future__ import annotations

import pytest

from vae_studio.domain.grid import CAPTION_TEMPLATE
from vae_studio.export.caption import FACTS, fill
from vae_studio.export.provenance import Provenance

KNOWN = Provenance(
    run_id="r1", run_name="first light", config_hash="c0ffee", step=2574, seed=7, temperature=0.8,
    convention="grey-BCE", dataset="MNIST", units=20, beta=4.0,
)  # fmt: skip
BARE = Provenance("", "", "", step=0, seed=0, temperature=1.0, convention="")


def test_that_the_usual_caption_says_set_units_beta_and_step() -> None:
    assert fill(CAPTION_TEMPLATE, KNOWN.facts()) == "MNIST · 20 units · β = 4 · step 2,574"


def test_that_a_part_about_an_unknown_fact_is_left_out() -> None:
    assert fill(CAPTION_TEMPLATE, BARE.facts()) == "step 0"
    assert fill("{dataset}", {}) == ""


@pytest.mark.parametrize("text", ["{0, 1}ⁿ", "{nonsense}", "{", "a · b", "{}", "%s {{step"])
def test_that_other_braces_are_ordinary_text(text: str) -> None:
    assert fill(text, KNOWN.facts()) == text


def test_that_a_fact_is_not_searched_for_further_facts() -> None:
    assert fill("{run}", {"run": "{step}", "step": "9"}) == "{step}"


def test_that_every_fact_on_offer_is_known_of_a_run() -> None:
    assert set(KNOWN.facts()) == set(FACTS)
    assert all(KNOWN.facts().values())


def test_that_a_folder_of_pictures_goes_by_its_name() -> None:
    scans = Provenance("", "", "", 0, 0, 1.0, "", dataset="folder:scans")
    assert fill("{dataset}", scans.facts()) == "scans"
