"""What a run says while it trains, on a terminal and in a file."""

from __future__ import annotations

import io

import numpy as np
import pytest

from vae_studio.commands import progress as module
from vae_studio.commands.progress import Progress
from vae_studio.commands.words import duration, large, summary_text, table
from vae_studio.domain.convention import Convention
from vae_studio.domain.events import BatchesTrained, NoticeGiven, RunStarted, Validated

CONVENTION = Convention("grey-BCE", (1, 28, 28))
STARTED = RunStarted("id", "first", 0, 100, 50, 2, "cpu", "fp32", 1_890_104, CONVENTION)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def batches(first: int, count: int) -> BatchesTrained:
    """Some batches with D = 80 and R = 20."""
    ones = np.ones(count, np.float32)
    return BatchesTrained(first, 80 * ones, 20 * ones, 100 * ones, ones, ones, {}, 21_500.0)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock the test turns: one second a look."""
    now = [0.0]

    def monotonic() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(module.time, "monotonic", monotonic)
    return now


def test_that_a_terminal_gets_one_moving_line() -> None:
    stream = Terminal()
    shown = Progress(stream)
    shown.show(STARTED)
    shown.show(batches(0, 25))
    shown.show(batches(25, 5))
    last = stream.getvalue().split("\r")[-1]
    for part in ("epoch 0.6/2", "step 30/100", "D 80.00", "R 20.00", "21\u202f500 images/s", "ETA"):
        assert part in last
    assert stream.getvalue().count("\n") == 1  # the line about the run itself


def test_that_a_file_gets_plain_lines_only() -> None:
    stream = io.StringIO()
    shown = Progress(stream)
    held_out = Validated(50, "validation", 80.0, 20.0, 9, CONVENTION)
    for event in (STARTED, batches(0, 50), None, held_out):
        shown.show(event)
    lines = stream.getvalue().splitlines()
    assert "\r" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
    assert len(lines) == 2
    assert "NELBO 100.00 = D 80.00 + R 20.00" in lines[1]


def test_that_quiet_tells_warnings_only() -> None:
    stream = io.StringIO()
    shown = Progress(stream, quiet=True)
    notices = (NoticeGiven("info", "fine"), NoticeGiven("warning", "hot"))
    for event in (STARTED, batches(0, 50), *notices):
        shown.show(event)
    assert stream.getvalue() == "hot\n"


def test_that_a_notice_does_not_write_into_the_moving_line() -> None:
    stream = Terminal()
    shown = Progress(stream)
    shown.show(STARTED)
    shown.show(batches(0, 25))
    shown.show(NoticeGiven("info", "a notice"))
    assert stream.getvalue().endswith("\na notice\n")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (65, "1 min 05 s"), (3600, "1 h 00 min"), (90_061, "25 h 01 min")],
)
def test_that_a_duration_reads_well(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_that_thousands_stand_apart() -> None:
    assert [large(n) for n in (7, 1234, 12_345)] == ["7", "1234", "12\u202f345"]


def test_that_columns_line_up() -> None:
    shown = table(["a", "b"], [["long cell", "1"], ["x", "22"]], right=(1,))
    assert shown.splitlines() == ["a           b", "long cell   1", "x          22"]


def test_that_a_run_that_was_not_evaluated_says_how_to_do_it() -> None:
    facts = {
        "test": None, "train": None, "epochs": 0.5, "steps": 5, "seconds": 1.0, "parameters": 9,
        "images_per_second": 3.0, "device": "cpu", "precision": "fp32", "seed": 0,
    }  # fmt: skip
    assert "`vae-studio evaluate`" in summary_text(facts)
