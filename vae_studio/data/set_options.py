"""What can be chosen about a set by its name: "shapes:64,rotation", "medmnist:breast,128",
"folder:scans,window=400,level=40". Declared as knobs, so that a form can offer them.
"""

from __future__ import annotations

from collections.abc import Mapping

from vae_studio.data.med_table import SIDES as MED_SIDES
from vae_studio.data.medmnist import NAME as MEDMNIST
from vae_studio.data.places import PREFIX, split_options
from vae_studio.data.shapes import SIDES as SHAPE_SIDES
from vae_studio.data.shapes_source import NAME as SHAPES
from vae_studio.domain.knobs import Choice, Knob, Value

_MORE_NATS = "More pixels mean more nats: numbers of different sizes cannot be compared."


def _sides(sides: tuple[int, ...]) -> Knob:
    choices = tuple(Choice(str(side), f"{side} × {side}") for side in sides)
    return Knob("side", "Pixels", _MORE_NATS, "choice", str(sides[0]), choices=choices)


SHAPE_KNOBS = (
    _sides(SHAPE_SIDES),
    Knob("rotation", "Rotation", "Shapes at eight angles: one factor more to find.", "flag", False),
    Knob("colour", "Colour", "Shapes in eight hues: one factor more to find.", "flag", False),
    Knob("correlated", "Correlated", "How much x and y go together. At 0 all places are as likely; "
         "the more, the harder it is to tell the two factors apart.", "float", 0.0,
         low=0.0, high=0.99, step=0.1, decimals=2),
)  # fmt: skip
MED_KNOBS = (_sides(MED_SIDES),)
WINDOW_KNOBS = (
    Knob("window", "Window", "Width of the values shown from black to white in pictures of more "
         "than 8 bits; 0 shows them as their files say.", "float", 0.0,
         low=0.0, high=1e6, step=50.0, decimals=1),
    Knob("level", "Level", "The value in the middle of the window.", "float", 0.0,
         low=-1e6, high=1e6, step=10.0, decimals=1),
)  # fmt: skip


def base_of(name: str) -> str:
    """The name without its options, as the catalog lists it."""
    if name.startswith(PREFIX):
        return split_options(name)[0]
    family, colon, rest = name.partition(":")
    if family == SHAPES:
        return SHAPES
    return f"{family}{colon}{rest.partition(',')[0]}" if family == MEDMNIST else name


def knobs_of(name: str) -> tuple[Knob, ...]:
    """What can be chosen about this set; nothing about most."""
    family = name.partition(":")[0]
    if name.startswith(PREFIX):
        return WINDOW_KNOBS
    return {SHAPES: SHAPE_KNOBS, MEDMNIST: MED_KNOBS}.get(family, ())


def values_of(name: str) -> dict[str, Value]:
    """What a name chooses, defaults included, by the path of its knob."""
    values: dict[str, Value] = {knob.path: knob.default for knob in knobs_of(name)}
    given = name.removeprefix(base_of(name)).lstrip(":,")
    for word in given.split(",") if given else ():
        path, _, text = word.strip().partition("=")
        knob = next((k for k in knobs_of(name) if k.path == path), None)
        if knob is not None:
            values[path] = True if knob.kind == "flag" else float(text)
        elif path.isdigit():
            values["side"] = path
    return values


def spelled(name: str, values: Mapping[str, Value]) -> str:
    """The name that chooses ``values`` about the set that ``name`` is of."""
    base = base_of(name)
    if base.startswith(PREFIX):
        window, level = values.get("window", 0.0), values.get("level", 0.0)
        return f"{base},window={window:g},level={level:g}" if window else base
    words = [_word(knob, values[knob.path]) for knob in knobs_of(name)
             if values.get(knob.path, knob.default) != knob.default]  # fmt: skip
    return f"{base}{':' if base == SHAPES else ','}{','.join(words)}" if words else base


def _word(knob: Knob, value: Value) -> str:
    if knob.kind == "choice":
        return str(value)
    return knob.path if knob.kind == "flag" else f"{knob.path}={value:g}"
