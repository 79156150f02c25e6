"""How far a run is, in words."""

from __future__ import annotations

import pytest
from support.shell import batches, run_started

from vae_studio.ui.run_progress import RunProgress, duration, rounded


def test_that_the_sentence_says_epoch_step_speed_and_time_left() -> None:
    progress = RunProgress.started(run_started(), 256).after(batches(130))
    assert progress.sentence() == "epoch 4 of 10 · step 131 · 20,900 images/s · 4 s left"
    assert progress.share == pytest.approx(131 / 430)


def test_that_nothing_is_said_before_a_run() -> None:
    assert RunProgress().sentence() == ""
    assert RunProgress().seconds_left is None


def test_that_no_time_is_promised_before_a_speed_is_known() -> None:
    progress = RunProgress.started(run_started(), 256)
    assert progress.sentence() == "epoch 1 of 10 · step 0"


def test_that_the_last_step_is_in_the_last_epoch_and_leaves_nothing() -> None:
    progress = RunProgress.started(run_started(), 256).after(batches(429))
    assert progress.epoch == 10
    assert "left" not in progress.sentence()


def test_that_a_chunk_without_a_speed_keeps_the_last_one() -> None:
    progress = RunProgress.started(run_started(), 256).after(batches(0))
    assert progress.after(batches(1, images_per_second=0)).images_per_second == 20_931


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (16, "16 s"), (65, "1 min 05 s"), (3600, "1 h 00 min"), (5e6, "1,388 h 53 min")],
)
def test_that_durations_read_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_that_speeds_have_three_figures() -> None:
    assert [rounded(n) for n in (20_931, 999.6, 87.2, 123_456)] == [20_900, 1_000, 87, 123_000]
