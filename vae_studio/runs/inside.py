"""Reading inside a folder that somebody else may have made: no link leads out of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

# A pipe or a device in place of a file must not make the open wait, nor a link be followed.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def open_inside(root: Path, *parts: str) -> BinaryIO:
    """The regular file ``root/parts…`` for reading; StudioError for anything else."""
    path = root.joinpath(*parts)
    try:
        refuse_links(root, *parts)
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise cannot("read", path, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise StudioError(f"'{shown(path)}' is not an ordinary file; it was not opened.")
    return os.fdopen(descriptor, "rb")


def read_inside(root: Path, *parts: str, limit: int) -> bytes:
    """All bytes of a file inside ``root``; StudioError when it is no file or above ``limit``."""
    path = root.joinpath(*parts)
    try:
        with open_inside(root, *parts) as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise cannot("read", path, error) from error
    if len(data) > limit:
        raise StudioError(
            f"'{shown(path)}' is larger than the {limit:,} bytes such a file may have."
        )
    return data


def refuse_links(root: Path, *parts: str) -> None:
    """StudioError when a link stands anywhere between ``root`` and ``root/parts…``."""
    wanted = os.path.join(os.path.realpath(root), *parts)
    if os.path.realpath(root.joinpath(*parts)) != wanted:
        raise StudioError(
            f"'{shown(root.joinpath(*parts))}' is a link that leads elsewhere; it was not opened."
        )


def is_folder_inside(root: Path, name: str) -> bool:
    """Whether ``root/name`` is a real folder; False when there is nothing; StudioError else."""
    refuse_links(root, name)
    path = root / name
    if not path.is_dir():
        if os.path.lexists(path):
            raise StudioError(f"'{shown(path)}' should be a folder; it is something else.")
        return False
    return True
