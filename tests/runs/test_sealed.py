"""A sealed file notices every change."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from vae_studio.runs.sealed import DamagedError, loose_fields, seal, unseal

FIELDS = {"name": "β run", "values": [1, 2.5, None, True], "nested": {"a": "x\ny"}, "pi": 0.1 + 0.2}


def test_that_fields_come_back_as_they_went_in() -> None:
    assert unseal(seal(FIELDS)) == FIELDS


def test_that_a_sealed_file_is_json_that_scripts_can_read() -> None:
    fields = json.loads(seal(FIELDS))
    assert len(fields.pop("sha256")) == 64
    assert fields == FIELDS


def test_that_numpy_values_become_plain_and_nan_becomes_null() -> None:
    fields = {"a": np.float32(1.5), "b": np.arange(3), "c": float("nan"), "d": np.int64(7)}
    assert unseal(seal(fields)) == {"a": 1.5, "b": [0, 1, 2], "c": None, "d": 7}


def unnoticed(read) -> int:
    """How many of 2,000 seeded changes come back as fields that differ, without an error."""
    dice, sealed, silent = random.Random(0), seal(FIELDS), 0
    for _ in range(2000):
        data = bytearray(sealed)
        kind = dice.randrange(4)
        at = dice.randrange(len(data))
        if kind == 0:
            data[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del data[at : at + dice.randrange(1, 9)]
        elif kind == 2:
            data[at:at] = dice.randbytes(dice.randrange(1, 9))
        else:
            data = data[:at]
        try:
            silent += read(bytes(data)) != FIELDS
        except DamagedError:
            continue
    return silent


def test_that_every_change_is_noticed() -> None:
    assert unnoticed(unseal) == 0


def test_that_reading_without_the_check_sum_would_let_changes_through() -> None:
    def without_check(data: bytes) -> dict:
        return {k: v for k, v in loose_fields(data).items() if k != "sha256"}

    assert unnoticed(without_check) > 100


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"null", b"\xff" * 99, b"[" * 100_000])
def test_that_what_is_no_object_is_a_clear_error(data: bytes) -> None:
    with pytest.raises(DamagedError):
        unseal(data)
    with pytest.raises(DamagedError):
        loose_fields(data)


def test_that_values_json_does_not_have_are_refused() -> None:
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        seal({"a": object()})
