"""Catalog cards are read from the source text: nothing is imported, nothing is executed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vae_studio.domain.cards import Card, read_cards
from vae_studio.domain.knobs import Choice, Knob

FULL = """
import no_such_module_at_all
CARD = Card(
    name="wide", label="Wide", help="Two "
    "parts.", source="arXiv 1", order=5,
    knobs=(Knob("width", "Width", "How wide.", "int", 512, low=-1, high=4096,
                choices=(Choice("a", "A"),)),),
)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package of cards, in a folder of its own."""
    folder = tmp_path / "cards_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, folder.name, raising=False)
    return folder


def test_that_one_new_file_adds_an_entry_without_being_imported(package: Path) -> None:
    (package / "wide.py").write_text(FULL)
    knob = Knob(
        "width", "Width", "How wide.", "int", 512, low=-1, high=4096, choices=(Choice("a", "A"),)
    )
    wanted = Card("wide", "Wide", "Two parts.", "arXiv 1", (knob,), 5, f"{package.name}.wide")
    assert read_cards(package.name) == {"wide": wanted}
    assert wanted.defaults() == {"width": 512}
    assert f"{package.name}.wide" not in sys.modules


def test_that_cards_come_in_their_stated_order(package: Path) -> None:
    for name, order in (("b", 10), ("a", 10), ("z", 1)):
        (package / f"{name}.py").write_text(f'CARD = Card("{name}", "", "", order={order})')
    assert list(read_cards(package.name)) == ["z", "a", "b"]


def test_that_a_card_with_an_annotation_is_a_card_too(package: Path) -> None:
    (package / "a.py").write_text('CARD: Card = Card("a", "A", "")')
    assert list(read_cards(package.name)) == ["a"]


def test_that_helpers_and_files_without_a_card_add_nothing(package: Path) -> None:
    (package / "_shared.py").write_text('CARD = Card("hidden", "", "")')
    (package / "tools.py").write_text("x = 1\nCARD: object\na, b = 1, 2\n")
    (package / "notes.txt").write_text('CARD = Card("text", "", "")')
    assert read_cards(package.name) == {}


def test_that_two_cards_of_one_name_are_not_silently_one(package: Path) -> None:
    for name in ("a", "b"):
        (package / f"{name}.py").write_text('CARD = Card("same", "", "")')
    with pytest.raises(ValueError, match="two modules"):
        read_cards(package.name)


@pytest.mark.parametrize(
    "value", ['__import__("os").getcwd()', "Card(open('x'), '', '')", "Card(*names)", "print"]
)
def test_that_a_card_can_hold_nothing_that_runs(package: Path, value: str) -> None:
    (package / "a.py").write_text(f"CARD = {value}")
    with pytest.raises(ValueError, match="malformed"):
        read_cards(package.name)
