"""Undo goes back thought by thought, not letter by letter."""

from __future__ import annotations

from dataclasses import replace

from vae_studio.domain.grid import SampleGridSpec
from vae_studio.ui.dialogs.export_history import BURST_S, LONGEST, SpecHistory

START = SampleGridSpec()


def test_that_undo_and_redo_walk_through_the_states() -> None:
    history = SpecHistory(START)
    more_rows, with_title = replace(START, rows=9), replace(START, rows=9, title="a")
    history.record(more_rows, 0.0)
    history.record(with_title, 0.1)
    assert [history.undo(), history.undo(), history.undo()] == [more_rows, START, START]
    assert [history.redo(), history.redo(), history.redo()] == [more_rows, with_title, with_title]


def test_that_quick_edits_of_one_field_are_undone_together() -> None:
    history = SpecHistory(START)
    for number, title in enumerate(("S", "Sa", "Sam")):
        history.record(replace(START, title=title), 10 + number * 0.2)
    history.record(replace(START, title="Samples"), 11 + BURST_S)
    assert history.undo().title == "Sam"
    assert history.undo() == START


def test_that_there_and_back_again_is_no_change() -> None:
    history = SpecHistory(START)
    history.record(replace(START, rows=9), 0.0)
    history.record(START, 0.1)
    assert not history.can_undo


def test_that_starting_over_is_a_thought_of_its_own() -> None:
    history = SpecHistory(START)
    history.record(replace(START, rows=9), 0.0)
    history.record(START, 0.1, alone=True)
    history.record(replace(START, rows=7), 0.2)
    assert [history.undo().rows, history.undo().rows, history.undo().rows] == [8, 9, 8]


def test_that_an_edit_after_undo_forgets_what_was_undone() -> None:
    history = SpecHistory(START)
    history.record(replace(START, rows=9), 0.0)
    history.undo()
    history.record(replace(START, rows=3), 0.1)
    assert not history.can_redo
    assert history.undo() == START


def test_that_nothing_to_undo_is_said_and_no_change_is_no_state() -> None:
    history = SpecHistory(START)
    history.record(replace(START), 0.0)
    assert not history.can_undo
    assert not history.can_redo


def test_that_a_long_session_keeps_the_last_states() -> None:
    history = SpecHistory(START)
    for number in range(LONGEST + 50):
        history.record(replace(START, seed=number + 1), number * 10.0)
    for _ in range(2 * LONGEST):
        oldest = history.undo()
    assert oldest.seed == 51
