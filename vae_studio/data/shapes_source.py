"""The drawn set as a data set: its name spells what varies, such as "shapes:64,rotation"."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vae_studio.data.image_set import ImageSet
from vae_studio.data.progress import Progress, report
from vae_studio.data.shapes import SHAPES, SIDES, ShapeWorld
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.data.splits import TEST_SHARE
from vae_studio.domain.errors import StudioError
from vae_studio.domain.seeds import seed_for
from vae_studio.resources import resource

NAME = "shapes"
MOST_PICTURES = 40_000  # of larger worlds a sample: it has to lie in memory
KNOWN = f"{', '.join(map(str, SIDES))}, colour, rotation, correlated=0.7"
HELP = (
    "Squares, ellipses and hearts of six sizes at 16 × 16 places, 32 × 32 grey, drawn from known "
    "factors, so that disentanglement can be measured. Needs no file. Options stand behind a "
    "colon: `shapes:64` (64 × 64 pixels), `shapes:rotation` (8 angles), `shapes:colour` (8 hues), "
    "`shapes:correlated=0.7` (x and y go together), or several: `shapes:64,colour,rotation`."
)


@dataclass(frozen=True)
class ShapesSource:
    """The pictures of a world. ``seed`` decides which combinations are the test set, and which are
    drawn at all of a world of more than MOST_PICTURES.
    """

    world: ShapeWorld
    seed: int = 0

    @property
    def entry(self) -> DataEntry:
        """The catalog entry; its name is the one spelling of this world."""
        words = _words(self.world)
        name = f"{NAME}:{','.join(words)}" if words else NAME
        title = f"Shapes ({', '.join(words)})" if words else "Shapes"
        return DataEntry(name, title, HELP, "CC0: drawn by the app itself", bundled=True)

    def find(self, roots: Sequence[Path]) -> Path:
        """Drawn, not looked for: it is always there."""
        return resource()

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Every combination once, or a sample of MOST_PICTURES; correlated, as many draws, among
        which the likely ones return. No combination is in both training and test set.
        """
        report(progress, 0.0, f"Drawing {self.entry.title}")
        world = self.world
        draw = np.random.default_rng(seed_for(self.seed, "shapes"))
        factors_NF = world.sample(min(world.combinations, MOST_PICTURES), draw)
        for_test = draw.permutation(world.combinations) < TEST_SHARE * world.combinations
        tested_N = for_test[world.numbers_of(factors_NF)]
        whole = ImageSet(world.draw(factors_NF), factors_NF[:, 0].copy(), factors_NF)
        return SourcePictures(
            whole.take(np.flatnonzero(~tested_N)),
            whole.take(np.flatnonzero(tested_N)),
            class_names=SHAPES,
            factors=world.factors,
            drawer=world.draw,
        )


def shapes_source(options: str, seed: int = 0) -> ShapesSource:
    """The source of "shapes:OPTIONS", options in any order; StudioError for an unknown one."""
    given = [word.strip().lower() for word in options.split(",")] if options else []
    for word in given:
        _check_word(word)
    sides = {int(word) for word in given if word.isdigit()} or {SIDES[0]}
    if len(sides) > 1:
        raise StudioError(f"'{NAME}:{options}' asks for two sizes; leave one of them out.")
    correlated = [word for word in given if word.startswith("correlated=")]
    world = ShapeWorld(
        side=sides.pop(),
        rotation="rotation" in given,
        colour="colour" in given,
        correlated=_correlation(correlated[-1]) if correlated else 0.0,
    )
    return ShapesSource(world, seed)


def _words(world: ShapeWorld) -> list[str]:
    words = [str(world.side)] if world.side != SIDES[0] else []
    words += ["colour"] if world.colour else []
    words += ["rotation"] if world.rotation else []
    return words + ([f"correlated={world.correlated:g}"] if world.correlated else [])


def _check_word(word: str) -> None:
    plain = (*map(str, SIDES), "colour", "rotation")
    if word in plain or word.startswith("correlated="):
        return
    close = difflib.get_close_matches(word, (*plain, "correlated=0.7"), n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise StudioError(f"'{NAME}' has no option '{word}'.{hint} There are: {KNOWN}.")


def _correlation(word: str) -> float:
    number = word.partition("=")[2]
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise StudioError(
            f"The correlation of shapes must be a number from 0 to below 1; it is '{number}'."
        )
    return value
