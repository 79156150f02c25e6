"""Who draws next, and how much of the training time drawing takes."""

from __future__ import annotations

from vae_studio.worker.latest import Latest
from vae_studio.worker.pace import KINDS, MAX_WAIT_S, SHARE, SLICE_S, SliceSize, ViewPace


def _drawn_while_training(pace: ViewPace, seconds: float, cost_s: float) -> list[str]:
    now, drawn = 0.0, []
    while now < seconds:
        pace.weights_changed()
        kind = pace.next_kind(now, training=True)
        if kind is None:
            now += 0.01  # a batch
        else:
            drawn.append(kind)
            now += cost_s
            pace.charge(cost_s, now)
    return drawn


def test_that_no_picture_starves_while_training() -> None:
    drawn = _drawn_while_training(ViewPace(), 10.0, 0.005)
    assert all(abs(drawn.count(kind) - drawn.count(KINDS[0])) <= 1 for kind in KINDS)


def test_that_drawing_takes_its_share_and_no_more() -> None:
    drawn = _drawn_while_training(ViewPace(), 60.0, 0.02)
    assert len(drawn) * 0.02 / 60.0 <= SHARE * 1.02
    assert len(drawn) * 0.02 / 60.0 >= SHARE * 0.8


def test_that_a_dear_picture_is_still_renewed() -> None:
    drawn = _drawn_while_training(ViewPace(), 60.0, 0.5)
    assert len(drawn) >= 60.0 / (MAX_WAIT_S + 0.6)


def test_that_a_wish_goes_before_everything() -> None:
    pace = ViewPace()
    pace.weights_changed()
    pace.charge(10.0, 0.0)
    assert pace.next_kind(0.0, training=True) is None
    pace.want("samples")
    assert pace.next_kind(0.0, training=True) == "samples"


def test_that_stale_pictures_are_made_at_once_when_nobody_trains() -> None:
    pace = ViewPace()
    pace.weights_changed()
    pace.charge(10.0, 0.0)
    assert [pace.next_kind(0.0, training=False) for _ in KINDS] == list(KINDS)
    assert pace.next_kind(0.0, training=False) is None


def test_that_slices_settle_near_their_time() -> None:
    size = SliceSize()
    for _ in range(20):
        size.took(size.size * 0.0001)  # 0.1 ms a picture
    assert 0.5 * SLICE_S <= size.size * 0.0001 <= 1.5 * SLICE_S
    for _ in range(20):
        size.took(1.0)
    assert size.size >= 1


def test_that_only_the_newest_wish_counts() -> None:
    latest: Latest[int] = Latest()
    latest.put(1)
    latest.put(2)
    assert latest.take() == 2
    assert latest.take() is None
