"""JSON files that notice when they were changed: the first field is the SHA-256 of the rest."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

_HEAD = b'{\n  "sha256": "'
_NECK = b'",\n'
_BODY_AT = len(_HEAD) + 64 + len(_NECK)


class DamagedError(ValueError):
    """The bytes are not what was once written."""


def seal(fields: dict[str, Any]) -> bytes:
    """``fields`` (at least one) as indented JSON that carries its own hash. NaN becomes null."""
    body = msgspec.json.format(msgspec.json.encode(fields, enc_hook=plain), indent=2)
    assert body.startswith(b"{\n"), "there is something to seal"
    return _HEAD + hashlib.sha256(body).hexdigest().encode() + _NECK + body[2:]


def unseal(data: bytes) -> dict[str, Any]:
    """The fields that ``seal`` wrote; raises DamagedError when one bit is different."""
    body = b"{\n" + data[_BODY_AT:]
    if data[:_BODY_AT] != _HEAD + hashlib.sha256(body).hexdigest().encode() + _NECK:
        raise DamagedError("its contents do not match its own check sum")
    return loose_fields(body)


def loose_fields(data: bytes) -> dict[str, Any]:
    """The fields of any JSON object, unchecked; raises DamagedError when it is none."""
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as wrong:
        raise DamagedError(f"it cannot be read as JSON ({wrong})") from None


def plain(value: Any) -> Any:
    """Numpy numbers and arrays as Python's own; this module need not import numpy for it."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
