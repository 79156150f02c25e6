"""What a person says of a set: that it contains patient data."""

from __future__ import annotations

from pathlib import Path

import pytest

from vae_studio.data.catalog import load_splits
from vae_studio.data.patients import mark, marked
from vae_studio.data.search import user_data_folder


def test_that_nothing_was_said_at_first(class_folder: Path) -> None:
    splits = load_splits(str(class_folder))
    assert marked(splits.name) is None
    assert not splits.patient_data


@pytest.mark.parametrize("contains", [True, False])
def test_that_what_was_said_holds_for_every_later_load(class_folder: Path, contains: bool) -> None:
    name = load_splits(str(class_folder)).name
    mark(name, contains)
    assert load_splits(name).patient_data is contains
    assert load_splits(f"{name},window=400,level=40").patient_data is contains


def test_that_no_path_is_kept(class_folder: Path) -> None:
    mark(load_splits(str(class_folder)).name, True)
    assert str(class_folder.parent) not in (user_data_folder() / "patients.json").read_text()


def test_that_a_damaged_list_counts_as_nothing_said(class_folder: Path) -> None:
    name = load_splits(str(class_folder)).name
    (user_data_folder() / "patients.json").write_text("[1, 2")
    assert marked(name) is None
    mark(name, True)
    assert marked(name) is True
