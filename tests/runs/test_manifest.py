"""The manifest: identical or a clear error; newer versions are read and never written."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import msgspec
import pytest

from vae_studio.domain.errors import StudioError
from vae_studio.runs import manifest, sealed
from vae_studio.runs.folder import RunFolder
from vae_studio.runs.manifest import Manifest, changed, encode, parse


@pytest.fixture
def sound() -> Manifest:
    fresh = Manifest(run_id="0123456789abcdef", name="mnist", created="2026-11-22T10:00:00Z")
    entry = {"step": 10, "name": "00000010", "sha256": "a" * 64, "bytes": 9, "kind": "periodic"}
    return changed(
        fresh,
        {
            "config": {"objective": {"beta": 0.1 + 0.2}},
            "resolved": {"shape": (1, 28, 28)},
            "edits": [{"step": 3, "path": "objective.beta", "value": 4.0}],
            "checkpoints": [{**entry, "metrics": 2}],
        },
    )


def rewritten(data: bytes, **fields) -> bytes:
    """The same manifest with other fields, sealed again as another program would."""
    return sealed.seal({**sealed.unseal(data), **fields})


def test_that_a_manifest_reads_back_as_it_was_in_memory(sound: Manifest) -> None:
    assert parse(encode(sound, {}), "x") == (sound, {})
    assert sound.resolved["shape"] == [1, 28, 28]


@pytest.mark.parametrize(
    "fields",
    [
        {"checkpoints": [{"step": 1, "name": "../../x", "sha256": "a" * 64, "bytes": 1}]},
        {"name": ""},
        {"state": "finished"},
        {"schema": ["1", 0]},
        {"schema": []},
        {"run_id": "../.."},
        {"edits": [{"step": -1, "path": "a", "value": 1}]},
        {"edits": [{"step": 1, "path": "a", "value": None}]},
        {"config": "x"},
    ],
)
def test_that_a_sealed_manifest_with_impossible_fields_is_refused(
    sound: Manifest, fields: dict
) -> None:
    with pytest.raises(StudioError, match=r"'mnist' was damaged or changed by hand"):
        parse(rewritten(encode(sound, {}), **fields), "mnist")


@pytest.mark.parametrize(
    "name", ["../00000010", "00000010/..", "CON", "0000001", "0" * 17, "00000010\n", "00000010-"]
)
def test_that_checkpoints_have_plain_names_only(sound: Manifest, name: str) -> None:
    entry = {**sound.checkpoints[0], "name": name}
    with pytest.raises(StudioError, match="damaged"):
        parse(rewritten(encode(sound, {}), checkpoints=[entry]), "mnist")


@pytest.mark.parametrize(
    "fields",
    [
        {"stat": "done"},
        {"state": "finished"},
        {"edits": [{"step": 1, "path": "lr", "value": float("nan")}]},
        {"config": {"a": object()}},
    ],
)
def test_that_nothing_is_put_in_a_manifest_that_could_not_be_read_again(
    sound: Manifest, fields: dict
) -> None:
    with pytest.raises(StudioError, match=r"has no field|cannot hold"):
        changed(sound, fields)


def test_that_a_newer_minor_opens_and_its_fields_survive_a_write(trained: RunFolder) -> None:
    trained.close()
    file = trained.path / "manifest.json"
    file.write_bytes(rewritten(file.read_bytes(), schema=[1, 7], tags=["from the future"]))
    with RunFolder.open(trained.path, write=True) as run:
        run.update(state="stopped")
    fields = sealed.unseal(file.read_bytes())
    assert fields["tags"] == ["from the future"]
    assert fields["schema"] == [1, 7]
    assert fields["state"] == "stopped"


def test_that_a_newer_major_is_read_and_never_written(trained: RunFolder) -> None:
    trained.close()
    file = trained.path / "manifest.json"
    newer = rewritten(file.read_bytes(), schema=[2, 0])
    file.write_bytes(newer)
    run = RunFolder.open(trained.path)
    assert run.load_checkpoint().step == 30
    assert "made by a newer version of VAE Studio" in run.notes[0]
    with pytest.raises(StudioError, match="newer version"):
        RunFolder.open(trained.path, write=True)
    with pytest.raises(StudioError, match="reading only"):
        run.update(state="done")
    assert file.read_bytes() == newer
    assert not (trained.path / "lock.json").exists()


@pytest.mark.parametrize("fields", [{"schema": [2, 0], "state": "x"}, {"schema": [3, 1], "a": 1}])
def test_that_a_newer_manifest_that_makes_no_sense_here_says_so(
    sound: Manifest, fields: dict
) -> None:
    unsealed = msgspec.json.encode({**msgspec.to_builtins(sound), **fields})
    with pytest.raises(StudioError, match="newer version of VAE Studio; update"):
        parse(unsealed, "mnist")


def test_that_a_version_from_before_the_first_is_refused(sound: Manifest) -> None:
    with pytest.raises(StudioError, match="older than"):
        parse(rewritten(encode(sound, {}), schema=[0, 9]), "mnist")


def test_that_neither_home_nor_user_nor_host_get_into_the_folder(
    new_run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "canary-host")
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "canary-user")
    config = {"data": {"dataset": str(home / "scans" / "a")}, "list": [{"x": f"at {home}{os.sep}"}]}
    run = new_run(config=config)
    text = b"".join(path.read_bytes() for path in run.path.rglob("*") if path.is_file()).decode()
    assert str(home) not in text
    assert "canary" not in text
    assert run.manifest.config["data"]["dataset"] == str(Path("~") / "scans" / "a")


def test_that_what_is_no_run_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="There is no folder"):
        RunFolder.open(tmp_path / "gone")
    with pytest.raises(StudioError, match="There is no folder"):
        RunFolder.open(tmp_path / ("x" * 5000))
    with pytest.raises(StudioError, match=r"not a run folder: it holds no manifest\.json"):
        RunFolder.open(tmp_path)
    (tmp_path / manifest.FILE_NAME).write_bytes(b"")
    with pytest.raises(StudioError, match="damaged"):
        RunFolder.open(tmp_path)


def test_that_an_endless_manifest_is_not_read_into_memory(
    trained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "MAX_BYTES", 100)
    with pytest.raises(StudioError, match="larger than the 100 bytes"):
        RunFolder.open(trained.path)
    with pytest.raises(StudioError, match="would exceed 100 bytes"):
        trained.update(state="done")
