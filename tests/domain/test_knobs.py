"""A knob reads what a person wrote, or says in one sentence why it cannot."""

from __future__ import annotations

import math
import random

import pytest

from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Choice, Knob


def knob(kind: str, **fields) -> Knob:
    defaults = {"int": 1, "float": 1.0, "choice": "a", "flag": True, "text": ""}
    return Knob(
        path="part.name", label="Name", help="", kind=kind, default=defaults[kind], **fields
    )


WHOLE = knob("int", low=1, high=100_000, flag="--epochs")
REAL = knob("float", low=0.0, high=1000.0, flag="--beta")
PICK = knob("choice", choices=(Choice("cosine", ""), Choice("constant", "")), flag="--decay")
FLAG = knob("flag", flag="--cache")


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        (WHOLE, "50", 50),
        (WHOLE, " 7 ", 7),
        (REAL, "4", 4.0),
        (REAL, "1e-3", 0.001),
        (REAL, "1000", 1000.0),
        (PICK, "cosine", "cosine"),
        (FLAG, "Yes", True),
        (FLAG, "off", False),
        (FLAG, " 1 ", True),
        (knob("text"), "anything at all", "anything at all"),
        (knob("choice", catalog="network"), "from a catalog", "from a catalog"),
    ],
)
def test_that_a_value_is_read_as_the_type_of_its_knob(asked: Knob, text: str, value) -> None:
    found = asked.parse(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("asked", "text", "sentence"),
    [
        (WHOLE, "many", "--epochs needs a whole number; 'many' is none."),
        (WHOLE, "1.5", "--epochs needs a whole number; '1.5' is none."),
        (WHOLE, "", "--epochs needs a whole number; '' is none."),
        (WHOLE, "0", "--epochs must be at least 1; it is 0."),
        (WHOLE, "100001", "--epochs must be at most 100000; it is 100001."),
        (REAL, "four", "--beta needs a number; 'four' is none."),
        (REAL, "nan", "--beta must be a finite number; it is nan."),
        (REAL, "1e999", "--beta must be a finite number; it is inf."),
        (REAL, "-0.5", "--beta must be at least 0; it is -0.5."),
        (REAL, "1000.0000001", "--beta must be at most 1000; it is 1000.0000001."),
        (PICK, "cos", "--decay does not know 'cos'; use one of: cosine, constant."),
        (FLAG, "maybe", "--cache needs yes or no; 'maybe' is none."),
        (knob("int", low=1), "x", "part.name needs a whole number; 'x' is none."),
        (WHOLE, "a\nb", "--epochs needs a whole number; 'a b' is none."),
    ],
)
def test_that_a_wrong_text_is_one_sentence(asked: Knob, text: str, sentence: str) -> None:
    with pytest.raises(StudioError) as caught:
        asked.parse(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("digits", [20, 400, 6000])
@pytest.mark.parametrize(
    "asked", [WHOLE, REAL, knob("float"), knob("choice", choices=(Choice("a", ""),))]
)
def test_that_numbers_of_any_length_are_one_short_sentence(asked: Knob, digits: int) -> None:
    if asked.kind == "float" and asked.high is None and digits == 20:
        assert asked.parse("9" * digits) == 1e20
        return
    for wish in (lambda: asked.parse("9" * digits), lambda: asked.check(10**digits)):
        with pytest.raises(StudioError) as caught:
            wish()
        assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("asked", "value", "words"),
    [
        (WHOLE, 5.0, "must be a whole number"),
        (WHOLE, True, "must be a whole number"),
        (WHOLE, "5", "must be a whole number"),
        (REAL, True, "must be a number"),
        (REAL, "5", "must be a number"),
        (REAL, math.nan, "must be a finite number; it is nan"),
        (REAL, -math.inf, "must be a finite number; it is -inf"),
        (FLAG, 1, "must be true or false"),
        (PICK, 1, "must be text"),
        (knob("text"), 1, "must be text"),
    ],
)
def test_that_a_value_of_another_type_is_refused(asked: Knob, value, words: str) -> None:
    with pytest.raises(StudioError, match=words):
        asked.check(value)


def test_that_a_whole_number_for_a_float_knob_becomes_a_float() -> None:
    assert type(REAL.check(4)) is float
    assert repr(REAL.check(4)) == "4.0"


def test_that_no_text_whatever_gets_past_the_range_or_crashes() -> None:
    dice = random.Random(8)
    for _ in range(3000):
        text = "".join(dice.choices("0123456789.-+eE_ naif\x00٣∞", k=dice.randrange(9)))
        for asked in (WHOLE, REAL):
            try:
                value = asked.parse(text)
            except StudioError:
                continue
            assert asked.low <= value <= asked.high
