"""Pictures decoded once and kept on the disk: made in two steps, each of which can be cut short.

First every file is decoded, in the order of the listing, into ``decoded.part``; ``journal.json``
says how far that is good. Then the rows are copied in the order of the splits, training pictures
first, into ``pictures-….u8``; ``manifest.json``, replaced atomically, says which file counts. Other
splits of the same pictures cost another copy and no decoding.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_studio.data.cache_file import BLOCK_BYTES, PictureFile, Pictures
from vae_studio.data.progress import Progress, report
from vae_studio.domain.atomic import cannot, sync_folder, write_atomically
from vae_studio.domain.errors import DiskError

SCHEMA = 1
JOURNAL, MANIFEST, DECODED = "journal.json", "manifest.json", "decoded.part"
CHANNELS = 3  # while decoding: whether all are grey is known at the end


@dataclass
class Journal:
    """What decoding has brought so far: ``done`` of the listed files, of which ``refused`` (by
    their place in the listing) could not be read. ``coloured``: some picture shows a colour;
    ``stored_in_colour``: some file has three channels.
    """

    listing: str
    done: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    coloured: bool = False
    stored_in_colour: bool = False

    @property
    def good(self) -> int:
        """How many pictures are decoded."""
        return self.done - len(self.refused)

    @property
    def shown_in_grey(self) -> bool:
        """All is grey, though stored in colour."""
        return self.stored_in_colour and not self.coloured


class Store:
    """The folder of one set of prepared pictures of ``side`` × ``side`` pixels."""

    def __init__(self, folder: Path, side: int, journal: Journal) -> None:
        self.folder, self.side, self.journal = folder, side, journal

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of a picture."""
        return (CHANNELS if self.journal.coloured else 1, self.side, self.side)

    def is_whole(self) -> bool:
        """Whether all that the manifest names is there, as it was written."""
        return self._known(read_json(self.folder / MANIFEST)) is not None

    def arranged(self, rows_N: NDArray[np.intp], progress: Progress | None) -> Pictures:
        """The pictures of these rows (N, C, H, W), mapped, in this order. Raises StudioError."""
        manifest = read_json(self.folder / MANIFEST)
        known = self._known(manifest)
        order_N = np.concatenate([rows_N, np.setdiff1d(np.arange(self.journal.good), rows_N)])
        if known is None or not np.array_equal(known["order"], order_N):
            manifest, known = self._arrange(order_N, manifest, known, progress)
        path = self.folder / str(manifest["pictures"])
        return PictureFile(path, self.shape, len(order_N), known["sums"]).mapped()[: len(rows_N)]

    def recall(self, digest: str) -> str | None:
        """The fingerprint that was found for these facts about the pictures as they lie."""
        found = read_json(self.folder / MANIFEST).get("fingerprints", {}).get(digest)
        return str(found) if found else None

    def remember(self, digest: str, fingerprint: str) -> None:
        """Keep a fingerprint: finding it reads every picture."""
        manifest = read_json(self.folder / MANIFEST)
        manifest["fingerprints"] = {**manifest.get("fingerprints", {}), digest: fingerprint}
        write_json(self.folder / MANIFEST, manifest)

    def _known(self, manifest: dict[str, Any]) -> dict[str, NDArray] | None:
        """Order and sums of the file that the manifest names, if all is as it was written."""
        if manifest.get("listing") != self.journal.listing:
            return None
        try:
            content = (self.folder / str(manifest["known"])).read_bytes()
            size = (self.folder / str(manifest["pictures"])).stat().st_size
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
            return None
        known = dict(np.load(io.BytesIO(content), allow_pickle=False))
        return known if size == len(known["sums"]) * int(np.prod(self.shape)) else None

    def _arrange(
        self, order_N: NDArray[np.intp], manifest: dict[str, Any],
        known: dict[str, NDArray] | None, progress: Progress | None,
    ) -> tuple[dict[str, Any], dict[str, NDArray]]:  # fmt: skip
        """Copy the rows in this order into a new file, and let it take the place of the old."""
        mark = secrets.token_hex(4)
        path = self.folder / f"pictures-{mark}.u8"
        try:
            sums_N = self._copy(path, self._in_order(order_N, manifest, known), progress)
            content = io.BytesIO()
            np.savez(content, order=order_N, sums=sums_N)
            write_atomically(self.folder / f"known-{mark}.npz", content.getvalue())
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise
        manifest = {
            **vars(self.journal), "schema": SCHEMA, "pictures": path.name, "side": self.side,
            "known": f"known-{mark}.npz", "sha256": hashlib.sha256(content.getvalue()).hexdigest(),
        }  # fmt: skip
        write_json(self.folder / MANIFEST, manifest)
        self._tidy(mark)
        return manifest, {"order": order_N, "sums": sums_N}

    def _in_order(
        self, order_N: NDArray[np.intp], manifest: dict[str, Any],
        known: dict[str, NDArray] | None,
    ) -> Iterator[Pictures]:  # fmt: skip
        """Blocks of the pictures in this order, out of whichever file there is."""
        if known is None:
            shape = (CHANNELS, self.side, self.side)
            file, rows_N = PictureFile(self.folder / DECODED, shape, self.journal.good), order_N
        else:
            path = self.folder / str(manifest["pictures"])
            file = PictureFile(path, self.shape, len(order_N), known["sums"])
            rows_N = np.argsort(known["order"])[order_N]
        at_once = max(1, BLOCK_BYTES // int(np.prod(file.shape)))
        buffer = np.empty((at_once, *file.shape), np.uint8)
        for start in range(0, len(rows_N), at_once):
            yield file.read(rows_N[start : start + at_once], buffer)

    def _copy(
        self, path: Path, blocks: Iterator[Pictures], progress: Progress | None
    ) -> NDArray[np.uint32]:
        sums: list[int] = []
        try:
            with path.open("wb", buffering=0) as file:
                for block in blocks:
                    report(progress, len(sums) / self.journal.good, "Laying the pictures out")
                    rows = np.ascontiguousarray(block[:, : self.shape[0]])
                    file.write(rows.data)
                    sums += [zlib.crc32(row.data) for row in rows]
                os.fsync(file.fileno())
            sync_folder(self.folder)
        except DiskError:
            raise
        except OSError as error:
            raise cannot("written", path, error) from error
        return np.array(sums, np.uint32)

    def _tidy(self, mark: str) -> None:
        """Remove what no manifest names any more; a file that another program holds open stays."""
        kept = {MANIFEST, "lock", f"pictures-{mark}.u8", f"known-{mark}.npz"}
        for path in self.folder.iterdir():
            if path.name not in kept:
                with suppress(OSError):
                    path.unlink()


def journal_in(folder: Path, name: str, listing: str) -> Journal | None:
    """The journal kept in one of the two files, if it is about this listing."""
    found = read_json(folder / name)
    if found.get("listing") != listing:
        return None
    refused = {int(place): str(reason) for place, reason in found["refused"].items()}
    return Journal(listing, found["done"], refused, found["coloured"], found["stored_in_colour"])


def read_json(path: Path) -> dict[str, Any]:
    """What is in a file of ours; nothing where it is missing, damaged or of another version."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("schema") == SCHEMA else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace a file of ours atomically."""
    write_atomically(path, json.dumps({"schema": SCHEMA, **content}).encode())
