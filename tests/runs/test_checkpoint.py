"""Checkpoint bytes: exact both ways, and nothing in a file is believed unchecked."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from support.runs import same_tensors, tensors_at

from vae_studio.domain.errors import StudioError
from vae_studio.runs import checkpoint, checkpoint_store
from vae_studio.runs.checkpoint import CheckpointError, from_bytes, to_bytes
from vae_studio.runs.checkpoint_store import with_entry
from vae_studio.runs.folder import RunFolder

SCALARS = {"a": 0.1 + 0.2, "tiny": 5e-324, "best": math.inf, "count": 2**70, "list": [1, "β", None]}


def made_of(header: object, body: bytes = b"") -> bytes:
    """A file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def tensor(dtype: str, shape: list, start: int, stop: int) -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_that_tensors_and_scalars_come_back_to_the_bit() -> None:
    found = from_bytes(to_bytes(7, tensors_at(7), SCALARS), "00000007")
    assert same_tensors(found.tensors, 7)
    assert found.step == 7
    assert found.scalars == SCALARS
    assert found.scalars["a"].hex() == (0.1 + 0.2).hex()


def test_that_nan_numpy_scalars_and_every_allowed_type_can_be_kept() -> None:
    names = sorted(checkpoint._NUMPY_NAMES)
    tensors = {name: np.ones((2, 2)).astype(name) for name in names}
    scalars = {"nan": math.nan, "n": np.float64(0.1), "v": np.arange(2)}
    found = from_bytes(to_bytes(0, tensors, scalars), "x")
    assert {name: value.dtype.name for name, value in found.tensors.items()} == {
        n: n for n in names
    }
    assert math.isnan(found.scalars["nan"])
    assert found.scalars["n"] == 0.1
    assert found.scalars["v"] == [0, 1]
    assert len(checkpoint.ITEM_BYTES) == len(names)


def test_that_views_are_stored_as_they_look_and_not_as_they_lie() -> None:
    whole = np.arange(24, dtype=np.float32).reshape(4, 6)
    views = {"t": whole.T, "s": whole[::2, 1:4], "b": whole.astype(">f4"), "r": whole[::-1]}
    found = from_bytes(to_bytes(0, views, {}), "x").tensors
    assert all(np.array_equal(found[name], view) for name, view in views.items())


def test_that_the_same_checkpoint_is_the_same_bytes() -> None:
    tensors = tensors_at(3)
    turned = dict(reversed(tensors.items()))
    assert to_bytes(3, tensors, SCALARS) == to_bytes(3, turned, SCALARS)


def test_that_loaded_tensors_may_be_written_to() -> None:
    found = from_bytes(to_bytes(1, tensors_at(1), {}), "x").tensors
    for value in found.values():
        value += 1


@pytest.mark.parametrize("value", [np.array(["text"]), np.ones(2, complex), np.array([object()])])
def test_that_what_cannot_be_kept_is_refused_before_anything_is_written(value) -> None:
    with pytest.raises(TypeError, match="which a checkpoint cannot hold"):
        to_bytes(0, {"x": value}, {})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "too short"),
        (b"\x00" * 7, "too short"),
        (struct.pack("<Q", 2**63) + b"{}", "longer than may be"),
        (struct.pack("<Q", 2**20 + 1) + b"{}" + b" " * 2**21, "longer than may be"),
        (made_of(b"not json"), "cannot be read"),
        (made_of(b"[" * 200_000), "cannot be read"),
        (made_of([1]), "cannot be read"),
        (made_of({"a": 1}), "cannot be read"),
        (made_of({"a": tensor("F32", [2**36], 0, 2**38)}, b"x" * 8), "does not match its header"),
        (made_of({"a": tensor("F32", [4], 0, 8)}, b"x" * 8), "does not match its shape"),
        (made_of({"a": tensor("F32", [2], 0, 8)}, b"x" * 9), "does not match its header"),
        (made_of({"a": tensor("F32", [2], 4, 12)}, b"x" * 12), "does not match its shape"),
        (made_of({"a": tensor("F32", [-2], 0, -8)}), "impossible shape"),
        (made_of({"a": tensor("F32", [2**60, 2**60, 0], 0, 0)}), "impossible shape"),
        (made_of({"a": tensor("F32", [1] * 17, 0, 4)}, b"x" * 4), "impossible shape"),
        (made_of({"a": tensor("F8_E4M3", [4], 0, 4)}, b"x" * 4), "numbers of type 'F8_E4M3'"),
        (made_of({str(n): tensor("U8", [0], 0, 0) for n in range(10_001)}), "more than 10,000"),
        (
            made_of({"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 2, 6)}, b"x" * 6),
            "does not match its shape",
        ),
        (made_of({"a": tensor("U8", [4], 0, 4)}, b"x" * 4), "no step and scalars"),
        (made_of({"__metadata__": {"vae_studio": "{"}}), "no step and scalars"),
        (made_of({"__metadata__": {"vae_studio": '{"step": -1, "scalars": {}}'}}), "no step"),
        (made_of({"__metadata__": {"vae_studio": '{"step": true, "scalars": {}}'}}), "no step"),
        (made_of({"__metadata__": {"vae_studio": "[" * 100_000}}), "no step and scalars"),
    ],
)
def test_that_hostile_bytes_are_refused_before_anything_is_loaded(data: bytes, why: str) -> None:
    with pytest.raises(CheckpointError, match=why):
        from_bytes(data, "x")


def test_that_an_empty_tensor_is_no_bomb() -> None:
    found = from_bytes(to_bytes(0, {"none": np.ones((0, 3), np.float32)}, {}), "x")
    assert found.tensors["none"].shape == (0, 3)


def spoil(run: RunFolder, name: str) -> Path:
    """Turn one bit of the weights, which a format without check sums cannot notice."""
    file = run.path / "checkpoints" / f"{name}.safetensors"
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)
    return file


def test_that_a_damaged_checkpoint_falls_back_to_the_newest_good_one_and_says_so(
    trained: RunFolder,
) -> None:
    spoil(trained, "00000030")
    (trained.path / "checkpoints" / "00000020.safetensors").unlink()
    found = trained.load_checkpoint()
    assert found.step == 10
    assert same_tensors(found.tensors, 10)
    assert found.notes == (
        "Checkpoint 00000030 was passed over: its contents changed since it was saved.",
        found.notes[1],
        "The run goes on from checkpoint 00000010.",
    )
    assert "00000020 was passed over" in found.notes[1]


def test_that_without_the_hash_a_damaged_checkpoint_would_be_taken_for_good(
    trained: RunFolder,
) -> None:
    found = from_bytes(spoil(trained, "00000030").read_bytes(), "00000030")
    assert not same_tensors(found.tensors, 30)


def test_that_a_named_checkpoint_is_loaded_or_refused_but_never_another(trained: RunFolder) -> None:
    assert same_tensors(trained.load_checkpoint("00000010").tensors, 10)
    spoil(trained, "00000010")
    with pytest.raises(StudioError, match=r"00000010 cannot be used: its contents changed"):
        trained.load_checkpoint("00000010")
    with pytest.raises(StudioError, match=r"no checkpoint 'x'; it has: 00000010, 00000020"):
        trained.load_checkpoint("x")


def test_that_a_run_with_no_usable_checkpoint_says_so(new_run, trained: RunFolder) -> None:
    with pytest.raises(StudioError, match="has no checkpoint yet"):
        new_run("fresh").load_checkpoint()
    for name in ("00000010", "00000020", "00000030"):
        spoil(trained, name)
    with pytest.raises(StudioError, match="No checkpoint of the run 'mnist' can be used") as caught:
        trained.load_checkpoint()
    assert caught.value.details.count("\n") == 2


def test_that_a_longer_or_swapped_file_is_refused(trained: RunFolder) -> None:
    folder = trained.path / "checkpoints"
    with open(folder / "00000030.safetensors", "ab") as file:
        file.write(b"more")
    assert trained.load_checkpoint().step == 20
    (folder / "00000010.safetensors").replace(folder / "00000020.safetensors")
    with pytest.raises(StudioError, match="No checkpoint"):
        trained.load_checkpoint()


def test_that_a_checkpoint_too_large_for_any_model_is_not_read(
    trained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_store, "MAX_FILE_BYTES", 10)
    with pytest.raises(StudioError, match="larger than the 10 bytes"):
        trained.load_checkpoint("00000030")


def entry(step: int, kind: str = "periodic", name: str = "") -> dict:
    marks = {"sha256": "", "bytes": 0, "metrics": 0}
    return {"step": step, "name": name or f"{step:08d}", "kind": kind, **marks}


def kept(*saved: dict, keep_last: int = 3) -> list[tuple[int, str]]:
    entries: list = []
    for one in saved:
        entries = with_entry(entries, one, keep_last)
    return [(one["step"], one["kind"]) for one in entries]


def test_that_the_last_three_the_best_and_the_pinned_are_kept() -> None:
    saved = [entry(1, "pinned"), entry(2, "best"), entry(3, "best"), *map(entry, range(4, 9))]
    wanted = [(1, "pinned"), (3, "best"), *((n, "periodic") for n in (6, 7, 8))]
    assert kept(*saved) == wanted


def test_that_the_newest_is_kept_whatever_was_asked() -> None:
    assert kept(entry(1), entry(2), keep_last=0) == [(2, "periodic")]


def test_that_going_back_drops_the_periodic_ones_of_the_abandoned_future() -> None:
    assert kept(entry(10), entry(20), entry(30), entry(15, name="a")) == [
        (10, "periodic"), (15, "periodic"),
    ]  # fmt: skip
    assert kept(entry(30, "best"), entry(20)) == [(30, "best"), (20, "periodic")]
