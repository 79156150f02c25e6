"""A drawn line: read, written, followed and edited without touching what lies behind."""

from __future__ import annotations

import random

import pytest

from vae_studio.domain import polyline
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.polyline import Polyline

LINE: Polyline = ((0.1, 0.2), (0.4, 0.8), (0.9, 0.0))


def test_that_text_and_line_are_the_same_thing() -> None:
    assert polyline.parse("0:0, 0.2:1, 0.6:0.5, 1:1") == ((0, 0), (0.2, 1), (0.6, 0.5), (1, 1))
    assert polyline.spelled(polyline.parse(" 0.0 :-0, .25:1e-3,1 : 1.0")) == "0:0, 0.25:0.001, 1:1"


def test_that_any_line_survives_being_written() -> None:
    dice = random.Random(6)
    for _ in range(200):
        line = some_line(dice)
        assert polyline.parse(polyline.spelled(line)) == line


def some_line(dice: random.Random) -> Polyline:
    shares = sorted({dice.random() for _ in range(dice.randrange(2, 9))} | {dice.random()})
    return tuple((share, dice.random()) for share in shares)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is none"),
        ("0:0", "needs 2 to 100 points"),
        ("0:0, 1", "'1' is none"),
        ("0:0, 0.5:x, 1:1", "'0.5:x' is none"),
        ("0:0, 1:1.5", "'1:1.5' is none"),
        ("0:0, 1.5:1", "'1.5:1' is none"),
        ("0:nan, 1:1", "'0:nan' is none"),
        ("0:0, 0.5:1:2", "'0.5:1:2' is none"),
        ("0:0, 0.6:1, 0.2:1", "0.2 stands after 0.6"),
        ("0:0, 0:1", "0 stands after 0"),
        (", ".join(f"{i / 200}:1" for i in range(101)), "it has 101"),
        ("0:0, " + "9" * 500, "…' is none"),
    ],
)
def test_that_a_wrong_line_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(StudioError) as caught:
        with_value(RunConfig(), "objective.schedule_points", text)
    sentence = str(caught.value)
    assert sentence.startswith("--schedule-points needs ")
    assert words in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 200


def test_that_equal_lines_give_equal_settings() -> None:
    spaced = with_value(RunConfig(), "train.lr_points", "0.0:1.0,1:.5")
    assert spaced == with_value(RunConfig(), "train.lr_points", "0:1, 1:0.5")


def test_that_between_points_it_is_straight_and_level_outside() -> None:
    shares = (0.0, 0.1, 0.25, 0.4, 0.65, 0.9, 1.0, 7.0)
    found = [polyline.value_at(LINE, share) for share in shares]
    assert found == pytest.approx([0.2, 0.2, 0.5, 0.8, 0.4, 0.0, 0.0, 0.0])


def test_that_points_are_added_replaced_moved_and_removed() -> None:
    assert polyline.with_point(LINE, 0.2, 0.5) == (
        ((0.1, 0.2), (0.2, 0.5), (0.4, 0.8), (0.9, 0.0)), 1,
    )  # fmt: skip
    assert polyline.with_point(LINE, 0.4, 0.5) == (((0.1, 0.2), (0.4, 0.5), (0.9, 0.0)), 1)
    assert polyline.moved(LINE, 1, 0.5, 0.7, gap=0.01)[1] == (0.5, 0.7)
    assert polyline.moved(LINE, 1, 2.0, -1.0, gap=0.01)[1] == (0.89, 0.0)
    assert polyline.moved(LINE, 1, 0.0, 9.0, gap=0.01)[1] == (0.11, 1.0)
    assert polyline.moved(LINE, 2, 3.0, 0.5, gap=0.01)[2] == (1.0, 0.5)
    assert polyline.without(LINE, 0) == LINE[1:]
    assert polyline.without(LINE[1:], 0) == LINE[1:]


def without_joint(before: Polyline, after: Polyline, now: float) -> Polyline:
    """The broken variant: old points behind, new ones ahead, and nothing in between."""
    return tuple(p for p in before if p[0] <= now) + tuple(p for p in after if p[0] > now)


def changes_the_past(edit, seed: int = 3) -> int:
    """How many of 300 random edits change a value at or before the time they are made."""
    dice, changed = random.Random(seed), 0
    for _ in range(300):
        before, after, now = some_line(dice), some_line(dice), dice.random()
        line = edit(before, after, now)
        shares = [now * i / 50 for i in range(51)]
        changed += any(
            abs(polyline.value_at(line, s) - polyline.value_at(before, s)) > 2e-6 for s in shares
        )
    return changed


def test_that_an_edit_ahead_never_changes_the_past() -> None:
    assert changes_the_past(polyline.ahead) == 0


def test_that_an_edit_without_a_joint_would_be_caught() -> None:
    def repaired(before: Polyline, after: Polyline, now: float) -> Polyline:
        return without_joint(before, after, now) or before

    assert changes_the_past(repaired) > 100


def test_that_the_part_ahead_follows_the_edit() -> None:
    line = polyline.ahead(LINE, ((0.1, 0.2), (0.6, 1.0), (1.0, 0.5)), 0.5)
    assert line == ((0.1, 0.2), (0.4, 0.8), (0.5, pytest.approx(0.64)), (0.6, 1.0), (1.0, 0.5))


def test_that_an_edit_of_nothing_leaves_no_trace() -> None:
    assert polyline.ahead(LINE, LINE, 0.3) == LINE
    assert polyline.ahead(LINE, LINE, 0.4) == LINE
