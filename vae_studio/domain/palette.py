"""Colours by role. Chrome and terms have a dark and a light value; classes keep one in both."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chrome:
    """Every colour of one theme, as ``#rrggbb``."""

    bg: str
    panel: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    total: str
    reconstruction: str
    kl: str
    beta: str
    ok: str
    warn: str
    bad: str


DARK = Chrome(
    bg="#14171c", panel="#1a1e25", raised="#222732", border="#2c323d",
    text="#e6e9ee", muted="#97a1b0", accent="#5b9dff", on_accent="#0d1117",
    total="#e6e9ee", reconstruction="#f2a65a", kl="#4cc9b0", beta="#b79cff",
    ok="#6fd08c", warn="#f2c14e", bad="#f2777a",
)  # fmt: skip
LIGHT = Chrome(
    bg="#eef0f3", panel="#ffffff", raised="#f4f6f8", border="#d9dee5",
    text="#1b2027", muted="#5d6775", accent="#1f6feb", on_accent="#ffffff",
    total="#1b2027", reconstruction="#c8690f", kl="#0e8a72", beta="#7a4fe0",
    ok="#1a8f45", warn="#a56a00", bad="#c62f3b",
)  # fmt: skip

#: Petroff 2021 (arXiv 2107.02270), ten colours told apart by colour-blind readers.
CLASSES = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
    "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip

#: The loss terms that have a colour of their own everywhere: curves, bars, slides.
TERMS = ("total", "reconstruction", "kl", "beta")
assert all(hasattr(DARK, term) for term in TERMS), "every term needs a colour"


def class_colour(label: int) -> str:
    """The colour of class ``label``; the ten colours repeat after ten classes."""
    return CLASSES[label % len(CLASSES)]


def rgb(colour: str) -> tuple[int, int, int]:
    """``#rrggbb`` as three bytes."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
