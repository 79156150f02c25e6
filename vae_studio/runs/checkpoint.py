"""The bytes of a checkpoint: safetensors, with exact scalars as JSON in its header.

Nothing in a file is believed before it is checked: a header of 1 kB can claim 64 GiB.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

MAX_HEADER_BYTES = 2**20
MAX_TENSORS = 10_000
MAX_FILE_BYTES = 8 * 2**30
_MAX_AXES = 16
_KEY = "vae_studio"  # the header's metadata may hold text only: one entry, JSON inside

#: Bytes per element of what may be stored; the names are those of the safetensors format.
ITEM_BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1,
    "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
}  # fmt: skip
_NUMPY_NAMES = {
    "float64", "float32", "float16", "int64", "int32", "int16", "int8",
    "uint64", "uint32", "uint16", "uint8", "bool",
}  # fmt: skip

Tensors = dict[str, NDArray[Any]]


class CheckpointError(ValueError):
    """The bytes are no checkpoint that may be loaded; the text says why, as a clause."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded checkpoint. ``notes`` are sentences for the log (an older one had to serve)."""

    name: str
    step: int
    tensors: Tensors
    scalars: dict[str, Any]
    notes: tuple[str, ...] = ()


class _Tensor(msgspec.Struct, frozen=True):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]

    def bytes_needed(self) -> int:
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


def to_bytes(step: int, tensors: Mapping[str, NDArray[Any]], scalars: dict[str, Any]) -> bytes:
    """Tensors, and the scalars exactly (floats to the last bit, infinities and NaN included).

    Raises TypeError for an element type that the format or numpy does not have.
    """
    from safetensors.numpy import save

    for name, tensor in tensors.items():
        if tensor.dtype.name not in _NUMPY_NAMES:
            raise TypeError(f"tensor '{name}' is {tensor.dtype}, which a checkpoint cannot hold")
    text = json.dumps({"step": step, "scalars": scalars}, default=_plain, sort_keys=True)
    # The writer reads memory as it lies: a transposed view would be stored in the wrong order.
    dense = {name: np.asarray(tensor, order="C") for name, tensor in sorted(tensors.items())}
    return save(dense, {_KEY: text})


def from_bytes(data: bytes, name: str) -> Checkpoint:
    """The checkpoint that ``to_bytes`` wrote; raises CheckpointError for anything else."""
    metadata = check(data)
    try:
        told = json.loads(metadata[_KEY])
        step, scalars = told["step"], told["scalars"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise CheckpointError("its header holds no step and scalars") from None
    if type(step) is not int or step < 0 or not isinstance(scalars, dict):
        raise CheckpointError("its header holds no step and scalars")
    return Checkpoint(name=name, step=step, tensors=_load(data), scalars=scalars)


def check(data: bytes) -> dict[str, str]:
    """The header's metadata, once the whole layout is known to be sound (CheckpointError else)."""
    if len(data) < 8:
        raise CheckpointError("it is too short")
    length = int.from_bytes(data[:8], "little")
    if length > min(MAX_HEADER_BYTES, len(data) - 8):
        raise CheckpointError("its header is longer than may be")
    try:
        header = msgspec.json.decode(data[8 : 8 + length], type=dict[str, msgspec.Raw])
        metadata = msgspec.json.decode(header.pop("__metadata__", b"{}"), type=dict[str, str])
        tensors = [msgspec.json.decode(raw, type=_Tensor) for raw in header.values()]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as wrong:
        raise CheckpointError(f"its header cannot be read ({wrong})") from None
    _check_layout(tensors, len(data) - 8 - length)
    return metadata


def _check_layout(tensors: list[_Tensor], available: int) -> None:
    """Every tensor where the one before it ends, each as long as its shape, none left over."""
    if len(tensors) > MAX_TENSORS:
        raise CheckpointError(f"it holds more than {MAX_TENSORS:,} tensors")
    end = 0
    for tensor in sorted(tensors, key=lambda tensor: tensor.data_offsets):
        if tensor.dtype not in ITEM_BYTES:
            raise CheckpointError(f"it holds numbers of type '{tensor.dtype[:20]}'")
        if len(tensor.shape) > _MAX_AXES or any(not 0 <= side < 2**48 for side in tensor.shape):
            raise CheckpointError("a tensor has an impossible shape")
        start, stop = tensor.data_offsets
        if start != end or stop - start != tensor.bytes_needed():
            raise CheckpointError("a tensor's length does not match its shape")
        end = stop
    if end != available:
        raise CheckpointError("its length does not match its header")


def _load(data: bytes) -> Tensors:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(data)
    except (SafetensorError, ValueError, KeyError) as wrong:
        raise CheckpointError(f"it cannot be read as safetensors ({wrong})") from None


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be kept in a checkpoint")
