"""A damaged layout is never restored."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from vae_studio.ui.layout_store import Layout, LayoutStore, on_a_screen

LAYOUT = Layout(bytes(range(256)) * 8, (10, 20, 1440, 900), maximised=True)
SCREEN = (0, 0, 1920, 1040)


def test_that_a_layout_comes_back_as_it_was(tmp_path: Path) -> None:
    store = LayoutStore(tmp_path)
    assert store.read() is None
    store.write(LAYOUT)
    assert store.read() == LAYOUT


def test_that_no_mutation_gets_through(tmp_path: Path) -> None:
    store = LayoutStore(tmp_path)
    store.write(LAYOUT)
    file = tmp_path / "layout.json"
    good = file.read_bytes()
    dice = random.Random(5)
    refused = 0
    for _ in range(2_000):
        file.write_bytes(mutated(good, dice))
        found = store.read()
        assert found in (None, LAYOUT)
        refused += found is None
    assert refused > 1_900


def mutated(data: bytes, dice: random.Random) -> bytes:
    """One to three random harms: a changed byte, a cut, a repeated or dropped piece."""
    harmed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(harmed))
        kind = dice.randrange(4)
        if kind == 0:
            harmed[at] = dice.randrange(256)
        elif kind == 1:
            del harmed[at:]
            harmed += b" "
        elif kind == 2:
            harmed[at:at] = harmed[at : at + dice.randint(1, 40)]
        else:
            del harmed[at : at + dice.randint(1, 40)]
            harmed += b" "
    return bytes(harmed)


def test_that_the_checksum_is_what_refuses(tmp_path: Path) -> None:
    """The broken variant: with a fresh checksum the same mutation is taken for a good layout."""
    import vae_studio.ui.layout_store as module

    store = LayoutStore(tmp_path)
    store.write(LAYOUT)
    file = tmp_path / "layout.json"
    fields = json.loads(file.read_bytes())
    fields["state"] = "AAAA" + fields["state"][4:]
    file.write_text(json.dumps(fields))
    assert store.read() is None
    del fields["crc32"]
    file.write_text(json.dumps({**fields, "crc32": module._checksum(fields)}))
    assert store.read() is not None


def test_that_a_layout_of_another_version_is_left_aside(tmp_path: Path) -> None:
    LayoutStore(tmp_path, version=1).write(LAYOUT)
    assert LayoutStore(tmp_path, version=2).read() is None


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"crc32": 1}', "[" * 100_000])
def test_that_foreign_files_are_no_layout(tmp_path: Path, text: str) -> None:
    (tmp_path / "layout.json").write_text(text)
    assert LayoutStore(tmp_path).read() is None


def test_that_two_starts_that_never_stood_bring_back_the_defaults(tmp_path: Path) -> None:
    LayoutStore(tmp_path).write(LAYOUT)
    assert LayoutStore(tmp_path).begin_start() == LAYOUT
    assert LayoutStore(tmp_path).begin_start() == LAYOUT
    assert LayoutStore(tmp_path).begin_start() is None
    assert LayoutStore(tmp_path).read() is None


def test_that_a_start_that_stood_keeps_the_layout(tmp_path: Path) -> None:
    store = LayoutStore(tmp_path)
    store.write(LAYOUT)
    for _ in range(5):
        assert store.begin_start() == LAYOUT
        store.start_went_well()


def test_that_a_damaged_start_mark_counts_as_failed(tmp_path: Path) -> None:
    store = LayoutStore(tmp_path)
    store.write(LAYOUT)
    (tmp_path / "starting").write_text("{")
    assert store.begin_start() is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ((100, 50, 1440, 900), (100, 50, 1440, 900)),
        ((-5000, -5000, 1440, 900), (0, 0, 1440, 900)),
        ((1900, 1000, 1440, 900), (480, 140, 1440, 900)),
        ((0, 0, 9000, 9000), (0, 0, 1920, 1040)),
    ],
)
def test_that_the_window_ends_up_on_a_screen(
    wanted: tuple[int, int, int, int], expected: tuple[int, int, int, int]
) -> None:
    assert on_a_screen(wanted, [SCREEN]) == expected


def test_that_the_window_stays_on_the_screen_it_was_on() -> None:
    second = (1920, 0, 1280, 1024)
    assert on_a_screen((2000, 50, 1000, 700), [SCREEN, second]) == (2000, 50, 1000, 700)
