"""Run names are safe folder names everywhere, and stay readable."""

from __future__ import annotations

import os
import random
from datetime import datetime
from pathlib import Path

import pytest

from vae_studio.domain.errors import StudioError
from vae_studio.runs.names import make_folder, run_name, safe_name


def is_safe(name: str) -> bool:
    """The rules of Windows, macOS and Linux together, written down a second time."""
    stem = name.split(".")[0].strip().upper()
    ports = {f"{kind}{n}" for kind in ("COM", "LPT") for n in "0123456789¹²³"}
    reserved = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | ports
    return (
        0 < len(name) <= 81
        and len(name.encode()) <= 201
        and not set(name) & set('<>:"/\\|?*')
        and name.isprintable()
        and name[-1] not in " ."
        and name[0] not in " .-~"
        and stem not in reserved
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-11-22 mnist 20 units", "2026-11-22 mnist 20 units"),
        ("β = 4, größer – 日本語", "β = 4, größer – 日本語"),
        ("a/b\\c:d", "a-b-c-d"),
        ("../../etc", "etc"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("Lpt¹", "_Lpt¹"),
        ("contest", "contest"),
        ("name. . .", "name"),
        (" \t spaced \n out ", "spaced out"),
        ("-rf", "rf"),
        ("", "run"),
        ("...", "run"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\x00b\ud800c", "abc"),
        ("e\u0301", "é"),
    ],
)
def test_that_a_name_becomes_safe_and_stays_readable(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_that_any_text_becomes_a_safe_name_which_stays_as_it_is() -> None:
    dice = random.Random(5)
    signs = 'ab .-~/\\:*?"<>|\0\n\u202e\u200b\ud83d日é🙂CONcon1.'
    texts = ["".join(dice.choices(signs, k=dice.randrange(12))) for _ in range(2000)]
    for text in [*texts, "x" * 300, "日" * 300, "🙂" * 300, "." * 300, "CON" + " " * 99 + ".x"]:
        name = safe_name(text)
        assert is_safe(name), (text, name)
        assert safe_name(name) == name


@pytest.mark.parametrize("name", ["", "a/b", "a.", "nul.txt", "-x", "日" * 81, "a\u202eb"])
def test_that_an_unsafe_name_is_seen(name: str) -> None:
    assert not is_safe(name)


def test_that_a_run_is_named_after_day_set_and_units() -> None:
    day = datetime(2026, 11, 22)
    assert run_name("mnist", 20, now=day) == "2026-11-22 mnist 20 units"
    assert run_name("folder:Cats", 2, now=day) == "2026-11-22 Cats 2 units"
    assert run_name("mnist", 1, now=day) == "2026-11-22 mnist 1 unit"


def test_that_a_name_in_use_gets_a_number(tmp_path: Path) -> None:
    made = [make_folder(tmp_path / "runs", "mnist").name for _ in range(3)]
    assert made == ["mnist", "mnist (2)", "mnist (3)"]
    longest = safe_name("日" * 300)
    assert make_folder(tmp_path, longest).is_dir()
    assert make_folder(tmp_path, longest).is_dir()


@pytest.mark.parametrize("text", ["CON", "x" * 300, "日本", "a:b", "🙂" * 200])
def test_that_a_safe_name_can_be_made(tmp_path: Path, text: str) -> None:
    assert make_folder(tmp_path, safe_name(text)).is_dir()


def test_that_a_root_which_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(StudioError, match=r"runs.* could not be made: "):
        make_folder(tmp_path / "runs", "mnist")
    assert os.listdir(tmp_path) == ["runs"]
