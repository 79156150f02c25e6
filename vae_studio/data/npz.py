"""Arrays in .npy and .npz files from strangers: headers first, never an object, nothing run.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
"""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

LONGEST_HEADER = 10_000
ALONE = "images"  # the name of the one array of a .npy file


@dataclass(frozen=True)
class ArrayShape:
    """What a header says of an array; ``dtype`` holds no objects."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def bytes(self) -> int:
        """Memory that its values take."""
        return math.prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True)
class ArrayFile:
    """A file of arrays. Everything raises StudioError naming the file and what is wrong with it."""

    path: Path

    def shapes(self) -> Mapping[str, ArrayShape]:
        """Every array by name, from the headers alone. Arrays of objects are not among them."""
        with _reasons(self.path), self._archive() as archive:
            if archive is None:
                with self.path.open("rb") as file:
                    return _without_objects({ALONE: _header(file, self.path.stat().st_size)})
            found = {}
            for info in archive.infolist():
                if info.filename.endswith(".npy"):
                    with archive.open(info) as member:
                        name = info.filename.removesuffix(".npy")
                        found[name] = _header(member, info.file_size)
            return _without_objects(found)

    def read(self, name: str) -> NDArray:
        """The array that ``shapes`` listed under this name."""
        with _reasons(self.path), self._archive() as archive:
            if archive is None:
                return np.load(self.path, allow_pickle=False)
            with archive.open(f"{name}.npy") as member:
                return npy.read_array(member, allow_pickle=False, max_header_size=LONGEST_HEADER)

    @contextmanager
    def _archive(self) -> Iterator[zipfile.ZipFile | None]:
        if not zipfile.is_zipfile(self.path):
            yield None
            return
        with zipfile.ZipFile(self.path) as archive:
            yield archive


def _header(file: IO[bytes], size: int) -> ArrayShape:
    """Shape and type in a header; ValueError when ``size`` bytes cannot be such an array."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file, max_header_size=LONGEST_HEADER)
    found = ArrayShape(shape, dtype)
    if not dtype.hasobject and found.bytes != size - file.tell():
        raise ValueError(f"its header promises {found.bytes:,} bytes of {size - file.tell():,}")
    return found


def _without_objects(found: dict[str, ArrayShape]) -> dict[str, ArrayShape]:
    plain = {name: shape for name, shape in found.items() if not shape.dtype.hasobject}
    if found and not plain:
        raise ValueError("it holds Python objects, which are never read; save plain numbers")
    return plain


@contextmanager
def _reasons(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, EOFError, KeyError, RuntimeError, NotImplementedError, SyntaxError,
            TypeError, tokenize.TokenError, zipfile.BadZipFile, zlib.error) as wrong:  # fmt: skip
        reason = str(wrong).splitlines()[0][:120].rstrip(". ") if str(wrong) else "it is cut off"
        raise StudioError(
            f"'{shown(path)}' is damaged or no file of arrays: {reason}. Get or save it again."
        ) from None
    except MemoryError:
        raise StudioError(f"'{shown(path)}' needs more memory than there is.") from None
    except OSError as error:
        raise cannot("read", path, error) from error
