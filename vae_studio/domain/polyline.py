"""A hand-drawn line over the run: points of (share of the run, factor on the target).

Between two points it is straight, before the first and after the last it is level. Everything here
is pure. As text a line is ``0:0, 0.2:1, 1:1``, which is how settings and the command line hold it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import pairwise

from vae_studio.domain.errors import StudioError

Point = tuple[float, float]
Polyline = tuple[Point, ...]

MOST_POINTS = 100
FINEST = 6  # decimals of a point that the program itself places: far below a pixel or a step
EXAMPLE = "0:0, 0.2:1, 1:1"


@lru_cache(maxsize=64)
def parse(text: str, name: str = "The line") -> Polyline:
    """The line that ``text`` spells; a StudioError of one sentence begins with ``name``.

    Shares grow strictly from point to point within 0 to 1; factors lie between 0 and 1.
    """
    line = tuple(_point(pair, name) for pair in text.split(","))
    if not 2 <= len(line) <= MOST_POINTS:
        raise StudioError(
            f"{name} needs 2 to {MOST_POINTS} points, such as '{EXAMPLE}'; it has {len(line)}."
        )
    for (before, _), (share, _) in pairwise(line):
        if share <= before:
            raise StudioError(
                f"{name} needs shares of the run that grow from point to point; "
                f"{share:g} stands after {before:g}."
            )
    return line


def spelled(line: Polyline) -> str:
    """The text that ``parse`` reads back to the same numbers."""
    return ", ".join(f"{_plain(share)}:{_plain(factor)}" for share, factor in line)


def value_at(line: Polyline, share: float) -> float:
    """The factor after this share of the run."""
    after = bisect_right(line, share, key=_share_of)
    if after == 0 or after == len(line):
        return line[min(after, len(line) - 1)][1]
    (left, low), (right, high) = line[after - 1], line[after]
    return low + (high - low) * ((share - left) / (right - left))


def with_point(line: Polyline, share: float, factor: float) -> tuple[Polyline, int]:
    """The line with one more point, and that point's index; a point at this share is replaced."""
    index = bisect_left(line, share, key=_share_of)
    same = index < len(line) and line[index][0] == share
    return (*line[:index], (share, factor), *line[index + same :]), index


def moved(line: Polyline, index: int, share: float, factor: float, *, gap: float) -> Polyline:
    """The line with a point moved, at most as far as ``gap`` before its neighbours."""
    lowest = line[index - 1][0] + gap if index else 0.0
    highest = line[index + 1][0] - gap if index + 1 < len(line) else 1.0
    here = max(lowest, min(highest, share))
    point = (round(here, FINEST), round(max(0.0, min(1.0, factor)), FINEST))
    return (*line[:index], point, *line[index + 1 :])


def without(line: Polyline, index: int) -> Polyline:
    """The line without a point; two points remain in any case."""
    return line if len(line) <= 2 else (*line[:index], *line[index + 1 :])


def ahead(before: Polyline, after: Polyline, now: float) -> Polyline:
    """``before`` up to ``now``, ``after`` from there on, without a jump between them.

    The line gets a point at ``now`` where it would otherwise be bent before it.
    """
    past = tuple(point for point in before if point[0] <= now)
    future = tuple(point for point in after if point[0] > now)
    joint = (now, round(value_at(before, now), FINEST))
    if past and past[-1][0] == now:
        return past + future if future else _level(past)
    bent = not (past + future) or abs(value_at(past + future, now) - joint[1]) > 10**-FINEST
    line = (*past, joint, *future) if bent else past + future
    return _level(line)


def _level(line: Polyline) -> Polyline:
    """At least two points: a line that ends at its first one goes on level."""
    return line if len(line) > 1 else (*line, (1.0, line[0][1]))


def _point(pair: str, name: str) -> Point:
    share, _, factor = pair.partition(":")
    try:
        point = float(share), float(factor)
    except ValueError:
        point = (-1.0, -1.0)
    if not all(0.0 <= number <= 1.0 for number in point):
        shown = " ".join(pair.split())
        raise StudioError(
            f"{name} needs points like '{EXAMPLE}' (share of the run : factor, each from 0 to 1); "
            f"'{shown if len(shown) <= 40 else shown[:39] + '…'}' is none."
        )
    return point


def _share_of(point: Point) -> float:
    return point[0]


def _plain(number: float) -> str:
    return repr(number + 0.0).removesuffix(".0")  # −0 is written 0
