"""Named files out of a folder or an archive, without ever unpacking an archive on the disk."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Collection
from functools import partial
from pathlib import Path, PurePosixPath

from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

MOST_BYTES = 2**31  # of one file; larger than any that a set here has


def read_members(place: Path, names: Collection[str]) -> dict[str, bytes]:
    """The bytes of these files by name: from a folder, or anywhere in a zip or tar archive (told by
    its content). Raises StudioError naming what is missing or damaged.
    """
    try:
        if place.is_dir():
            found = {name: (place / name).read_bytes() for name in names}
        elif zipfile.is_zipfile(place):
            found = _from_zip(place, names)
        else:
            found = _from_tar(place, names)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise StudioError(
            f"'{shown(place)}' is damaged or no archive; delete it and get it again."
        ) from None
    except OSError as error:
        raise cannot("read", place, error) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise StudioError(f"'{shown(place)}' does not hold {missing[0]}; get it again.")
    return found


def md5_of(path: Path) -> str:
    """The MD5 (hex) of a file, by which publishers name an edition. Raises OSError."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, partial(hashlib.md5, usedforsecurity=False)).hexdigest()


def _from_zip(place: Path, names: Collection[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(place) as archive:
        wanted = {
            PurePosixPath(info.filename).name: info
            for info in archive.infolist()
            if PurePosixPath(info.filename).name in names and info.file_size <= MOST_BYTES
        }
        return {name: archive.read(info) for name, info in wanted.items()}


def _from_tar(place: Path, names: Collection[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(place) as archive:
        for member in archive:  # in the order of the file: going back would unpack it again
            name = PurePosixPath(member.name).name
            if name in names and member.isreg() and member.size <= MOST_BYTES:
                content = archive.extractfile(member)
                assert content is not None  # a regular file has content
                found[name] = content.read()
                if len(found) == len(names):
                    break
    return found
