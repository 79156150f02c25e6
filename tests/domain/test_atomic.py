"""The one writer: the old bytes or the new ones, and one sentence when it cannot."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

import pytest
from support.faults import Disk, Killed, faulty

from vae_studio.domain import atomic
from vae_studio.domain.atomic import cannot, remove_leftovers, shown, write_atomically
from vae_studio.domain.errors import StudioError

OLD, NEW = b"old " * 500, b"newer " * 700


def plain_write(path: Path, data: bytes) -> None:
    """What everybody writes first; the tests below must catch it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(descriptor, data)
    os.close(descriptor)


def torn_after_a_kill(write, folder: Path) -> list[int]:
    """At which operations a kill leaves something else than the old or the new bytes."""
    torn = []
    for at in range(1, 50):
        target = folder / "model.bin"
        target.write_bytes(OLD)
        with faulty(Disk(at)) as disk, contextlib.suppress(Killed):
            write(target, NEW)
        if target.read_bytes() not in (OLD, NEW):
            torn.append(at)
        if not disk.struck:
            return torn
    raise AssertionError("the writer never finishes")


def test_that_a_written_file_holds_exactly_the_bytes(tmp_path: Path) -> None:
    for data in (b"", b"x", bytes(range(256)) * 5000):
        write_atomically(tmp_path / "file", data)
        assert (tmp_path / "file").read_bytes() == data
    assert os.listdir(tmp_path) == ["file"]


def test_that_a_kill_at_any_operation_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    assert torn_after_a_kill(write_atomically, tmp_path) == []


def test_that_a_plain_write_is_caught_by_the_kill_test(tmp_path: Path) -> None:
    assert torn_after_a_kill(plain_write, tmp_path) != []


def test_that_bytes_and_name_are_synced_in_the_order_that_survives_a_power_cut(
    tmp_path: Path,
) -> None:
    with faulty(Disk()) as disk:
        write_atomically(tmp_path / "file", NEW)
    assert [name for name, _ in disk.done][:6] == [
        "open", "write", "fsync", "replace", "open", "fsync",
    ]  # fmt: skip
    assert disk.done[4] == ("open", tmp_path.name)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission"),
        (errno.EPERM, "permission"),
        (errno.EIO, "the disk reported an error"),
        (errno.ENOENT, "does not exist"),
        (errno.ECONNRESET, os.strerror(errno.ECONNRESET).lower()),
    ],
)
def test_that_every_failure_is_one_sentence_and_the_old_file_stays(
    tmp_path: Path, error: int, words: str
) -> None:
    target = tmp_path / "grid.png"
    target.write_bytes(OLD)
    for at in range(1, 5):  # up to and with the replace
        with faulty(Disk(at, error)), pytest.raises(StudioError) as caught:
            write_atomically(target, NEW)
        sentence = str(caught.value)
        assert words in sentence
        assert "grid.png" in sentence
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert errno.errorcode[error] in caught.value.details
        assert target.read_bytes() == OLD
        remove_leftovers(tmp_path)


def test_that_a_failed_write_leaves_no_temporary_file(tmp_path: Path) -> None:
    with faulty(Disk(2, errno.ENOSPC, forever=False)), pytest.raises(StudioError):
        write_atomically(tmp_path / "file", NEW)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_that_a_real_limit_of_the_system_is_reported_and_nothing_is_lost(tmp_path: Path) -> None:
    import resource

    target = tmp_path / "file"
    target.write_bytes(OLD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))
    try:
        with pytest.raises(StudioError, match="does not take files this large"):
            write_atomically(target, NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["file"]


def test_that_a_disk_which_loses_bytes_is_noticed_before_the_old_file_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    target.write_bytes(OLD)
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, bytes(len(data))))
    with pytest.raises(StudioError, match="the disk reported an error"):
        write_atomically(target, NEW)
    assert target.read_bytes() == OLD


def test_that_a_system_which_takes_few_bytes_at_a_time_gets_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:7]))
    write_atomically(tmp_path / "file", NEW)
    assert (tmp_path / "file").read_bytes() == NEW


def test_that_a_missing_folder_and_a_folder_in_the_way_are_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="does not exist"):
        write_atomically(tmp_path / "gone" / "file", NEW)
    with pytest.raises(StudioError, match=r"a folder has that name|permission"):
        write_atomically(tmp_path, NEW)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_that_a_link_is_replaced_and_never_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(OLD)
    (tmp_path / "link").symlink_to(precious)
    write_atomically(tmp_path / "link", NEW)
    assert precious.read_bytes() == OLD
    assert not (tmp_path / "link").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_that_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(OLD)
    target.chmod(0o640)
    write_atomically(target, NEW)
    assert target.stat().st_mode & 0o777 == 0o640


def test_that_folders_which_cannot_be_synced_do_not_stop_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, []

    def fsync(file: int) -> None:
        calls.append(file)
        if len(calls) == 2:
            raise OSError(errno.EINVAL, "Invalid argument")
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(tmp_path / "file", NEW)
    assert len(calls) == 2


def test_that_a_file_another_program_holds_for_a_moment_is_replaced_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = os.replace, []

    def replace(source: Path, target: Path) -> None:
        if len(refused) < 3:
            refused.append(target)
            raise PermissionError(errno.EACCES, "in use")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(atomic, "_REPLACE_ATTEMPTS", 5)
    monkeypatch.setattr(atomic, "_REPLACE_PAUSE_S", 0.0)
    write_atomically(tmp_path / "file", NEW)
    assert len(refused) == 3
    monkeypatch.setattr(atomic, "_REPLACE_ATTEMPTS", 1)
    refused.clear()
    with pytest.raises(StudioError, match="permission"):
        write_atomically(tmp_path / "file", OLD)


def test_that_sentences_do_not_tell_the_name_of_the_person(home: Path, tmp_path: Path) -> None:
    assert shown(home / "pictures" / "a.png") == str(Path("~") / "pictures" / "a.png")
    sentence = str(cannot("read", home / "a.png", OSError(errno.EIO, "I/O error")))
    assert str(home) not in sentence
    assert shown(tmp_path / "x") == str(tmp_path / "x")


def test_that_a_home_at_the_root_of_the_disk_is_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path(tmp_path.anchor))
    assert shown(tmp_path) == str(tmp_path)


def test_that_only_our_own_leftovers_are_swept(tmp_path: Path) -> None:
    with faulty(Disk(3)), pytest.raises(Killed):
        write_atomically(tmp_path / "file", NEW)
    (tmp_path / "mine.part").write_bytes(OLD)
    assert len(os.listdir(tmp_path)) == 2
    remove_leftovers(tmp_path)
    assert os.listdir(tmp_path) == ["mine.part"]
    remove_leftovers(tmp_path / "gone")
