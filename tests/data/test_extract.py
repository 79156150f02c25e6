"""Hostile archives, each made by its test: refused in one sentence, and nothing is left behind."""

from __future__ import annotations

import io
import os
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from vae_studio.data.extract import Caps, extracted
from vae_studio.data.progress import LoadCancelled
from vae_studio.domain.errors import StudioError

SMALL = Caps(files=20, bytes=1 << 22, ratio=100, free_bytes=1 << 16)


def zipped(*members: tuple[str, bytes], kind: int = 0, packing: int = 8) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", packing) as archive:
        warnings.simplefilter("ignore")  # two files of one name, as wished
        for name, content in members:
            info = zipfile.ZipInfo("placeholder")
            info.filename = name
            info.external_attr = kind << 16
            info.compress_type = packing
            archive.writestr(info, content)
    return file.getvalue()


def tarred(*members: tuple[str, bytes], mode: str = "w", **facts: object) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for fact, value in facts.items():
                setattr(info, fact, value)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def twice(name: str, other: str, make: Callable[..., bytes]) -> bytes:
    return make((name, b"1"), (other, b"2"))


def lying_size() -> bytes:
    """A zip whose table says that a file is far smaller than what is packed."""
    whole = bytearray(zipped(("a.txt", bytes(1 << 20))))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = whole.index(mark)
        whole[at + place : at + place + 4] = struct.pack("<I", 10)
    return bytes(whole)


BAD_NAMES = {
    "up": "../out.txt", "deep up": "a/b/../../../out.txt", "up alone": "..", "root": "/out.txt",
    "two slashes": "//server/out.txt", "drive": "C:out.txt", "drive root": "C:/out.txt",
    "backslash": "..\\out.txt", "unc": "\\\\server\\share\\out.txt", "reserved": "CON",
    "reserved with ending": "a/nul.png", "port": "com1.txt", "dot at the end": "a./b.txt",
    "space at the end": "a /b.txt", "stream": "a.txt:hidden", "wildcard": "a?.txt",
    "new line": "a\nb.txt", "bell": "a\x07.txt", "long": "a" * 300 + ".txt",
}  # fmt: skip
GOOD = ("good.txt", b"x")
HOSTILE: dict[str, bytes] = {
    **{f"zip, {what}": zipped(GOOD, (name, b"out")) for what, name in BAD_NAMES.items()},
    **{f"tar, {what}": tarred(GOOD, (name, b"out")) for what, name in BAD_NAMES.items()},
    "zip, NUL in a name": zipped(("ab.txt", b"x")).replace(b"ab.txt", b"a\0.txt"),
    "zip, link": zipped(("link", b"/etc/passwd"), kind=stat.S_IFLNK | 0o777),
    "zip, pipe": zipped(("pipe", b""), kind=stat.S_IFIFO | 0o666),
    "zip, same name twice": twice("a.txt", "a.txt", zipped),
    "zip, same name in other letters": twice("a.txt", "A.TXT", zipped),
    "zip, same name in other accents": twice("\u00e9.txt", "e\u0301.txt", zipped),
    "zip, file and folder": twice("a", "a/b", zipped),
    "zip, folder up": zipped(("../", b"")),
    "zip, bomb": zipped(("a", bytes(1 << 23))),
    "zip, many files": zipped(*((str(n), b"") for n in range(21))),
    "zip, lying size": lying_size(),
    "zip, cut": zipped(("a", os.urandom(5_000)))[:3_000],
    "zip, wrong sum": zipped(("a", b"hello"), packing=0).replace(b"hello", b"jello"),
    "zip, empty": zipped(),
    "tar, link up": tarred(("link", b""), type=tarfile.SYMTYPE, linkname="../.."),
    "tar, link, then a file through it": tarred(("l", b""), type=tarfile.SYMTYPE, linkname="/tmp")
    + tarred(("l/out.txt", b"out")),
    "tar, hard link": tarred(("hard", b""), type=tarfile.LNKTYPE, linkname="/etc/passwd"),
    "tar, device": tarred(("dev", b""), type=tarfile.CHRTYPE),
    "tar, pipe": tarred(("pipe", b""), type=tarfile.FIFOTYPE),
    "tar, same name twice": twice("a.txt", "a.txt", tarred),
    "tar, folder up": tarred(("../up", b""), type=tarfile.DIRTYPE),
    "tar, gz bomb": tarred(("a", bytes(1 << 23)), mode="w:gz"),
    "tar, xz bomb": tarred(("a", bytes(1 << 23)), mode="w:xz"),
    "tar, bz2 bomb": tarred(("a", bytes(1 << 23)), mode="w:bz2"),
    "tar, gz cut": tarred(("a", os.urandom(5_000)), mode="w:gz")[:3_000],
    "tar, bz2 cut": tarred(("a", os.urandom(50_000)), mode="w:bz2")[:30_000],
    "tar, many files": tarred(*((str(n), b"") for n in range(21))),
    "no archive": b"<html>log in</html>" * 50,
    "nothing": b"",
}  # fmt: skip


def test_that_there_are_fifty_of_them() -> None:
    assert len(HOSTILE) >= 50


@pytest.mark.parametrize("what", HOSTILE)
def test_that_a_hostile_archive_is_refused_and_leaves_nothing(what: str, tmp_path: Path) -> None:
    archive = tmp_path / "in" / "archive"
    archive.parent.mkdir()
    archive.write_bytes(HOSTILE[what])
    place = tmp_path / "out"
    place.mkdir()
    with pytest.raises(StudioError, match="archive'") as caught:
        extracted(archive, place / "set", caps=SMALL)
    assert "\n" not in caught.value.sentence
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["archive", "in", "out"]


@pytest.mark.parametrize("mode", ["zip", "w", "w:gz", "w:bz2", "w:xz"])
def test_that_an_honest_archive_is_unpacked_whole(mode: str, tmp_path: Path) -> None:
    files = {"a/1.txt": b"one", "a/ü ñ 猫.txt": b"two", "three": bytes(70_000), ".hidden": b""}
    members = [*files.items(), ("__MACOSX/a/._1.txt", b"junk")]
    archive = tmp_path / "archive"
    archive.write_bytes(zipped(*members) if mode == "zip" else tarred(*members, mode=mode))
    folder = extracted(archive, tmp_path / "set", caps=Caps(ratio=1000))
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert found == files
    assert not any(path.is_symlink() for path in folder.rglob("*"))


def test_that_nothing_is_unpacked_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(("a", b"x")))
    (tmp_path / "set").mkdir()
    with pytest.raises(StudioError, match="exists already"):
        extracted(tmp_path / "a.zip", tmp_path / "set")


def test_that_unpacking_can_be_cancelled_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(("a", bytes(1 << 20))))
    with pytest.raises(LoadCancelled):
        extracted(tmp_path / "a.zip", tmp_path / "set", progress=lambda *_: False)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_that_a_check_left_out_would_be_seen(tmp_path: Path, monkeypatch) -> None:
    """With names taken as they come, a file does get out: the tests above can fail."""
    from pathlib import PurePosixPath

    monkeypatch.setattr("vae_studio.data.extract._plain", PurePosixPath)
    (tmp_path / "a.zip").write_bytes(HOSTILE["zip, up"])
    (tmp_path / "out").mkdir()
    extracted(tmp_path / "a.zip", tmp_path / "out" / "set")
    assert (tmp_path / "out" / "out.txt").exists()
