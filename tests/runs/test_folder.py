"""The run folder as the engine uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.faults import Disk, faulty
from support.runs import CONFIG, RESOLVED, same_tensors, tensors_at

from vae_studio.domain.errors import StudioError
from vae_studio.runs import lock
from vae_studio.runs.folder import RunFolder


def test_that_a_new_run_says_what_it_is(new_run) -> None:
    run = new_run("2026-11-22 mnist: 20 units")
    assert run.path.name == run.manifest.name == "2026-11-22 mnist- 20 units"
    assert run.manifest.state == "running"
    assert run.manifest.config == CONFIG
    assert run.manifest.resolved == {**RESOLVED, "shape": [1, 28, 28]}
    assert {"vae-studio", "python", "system", "torch", "numpy"} <= set(run.manifest.versions)
    assert run.manifest.created.endswith("Z")


def test_that_two_runs_of_one_name_live_side_by_side(new_run) -> None:
    first, second = new_run("mnist"), new_run("mnist")
    assert (first.manifest.name, second.manifest.name) == ("mnist", "mnist (2)")
    assert first.manifest.run_id != second.manifest.run_id


def test_that_a_run_is_made_exactly_where_it_was_asked_for(tmp_path: Path) -> None:
    for path in (tmp_path / "deep" / "here", tmp_path / "empty"):
        if path.name == "empty":
            path.mkdir()
        with RunFolder.create_at(path, name="x/y", config=CONFIG, resolved={}) as run:
            assert run.path == path
            assert run.manifest.name == "x-y"


def test_that_a_folder_with_anything_in_it_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(StudioError, match="is not empty; choose a new folder"):
        RunFolder.create_at(tmp_path, config={}, resolved={})
    with pytest.raises(StudioError, match=r"thesis\.tex"):
        RunFolder.create_at(tmp_path / "thesis.tex", config={}, resolved={})
    with pytest.raises(StudioError, match="the name is too long"):
        RunFolder.create_at(tmp_path / ("x" * 5000), config={}, resolved={})
    assert os.listdir(tmp_path) == ["thesis.tex"]


def test_that_what_was_written_is_there_when_opened_again(trained: RunFolder) -> None:
    trained.update(state="done", edits=[{"step": 12, "path": "objective.beta", "value": 4.0}])
    trained.close()
    run = RunFolder.open(trained.path)
    assert run.manifest == trained.manifest
    assert same_tensors(run.load_checkpoint().tensors, 30)
    assert run.load_checkpoint().scalars == {"step": 30, "best": 30.1}
    assert [record["step"] for record in run.read_metrics()] == [10, 20, 30, 35]
    assert run.manifest.edits[0]["value"] == 4.0


def test_that_a_manifest_file_names_its_run_too(trained: RunFolder) -> None:
    assert RunFolder.open(trained.path / "manifest.json").path == trained.path


def test_that_a_reader_follows_a_run_and_cannot_write(trained: RunFolder) -> None:
    reader = RunFolder.open(trained.path)
    assert reader.manifest.state == "running"
    trained.save_checkpoint(40, tensors_at(40), {})
    reader.reload()
    assert reader.load_checkpoint().step == 40
    for wish in (
        lambda: reader.update(state="done"),
        lambda: reader.append_metrics({"step": 1}),
        lambda: reader.rewind_metrics(1),
        lambda: reader.save_checkpoint(50, {}, {}),
        lambda: reader.write_summary({"a": 1}),
    ):
        with pytest.raises(StudioError, match="open for reading only"):
            wish()


def test_that_a_second_writer_is_refused_until_the_first_closes(trained: RunFolder) -> None:
    with pytest.raises(StudioError, match="is being written by this program"):
        RunFolder.open(trained.path, write=True)
    trained.close()
    with RunFolder.open(trained.path, write=True) as run:
        assert run.writable
    assert not (trained.path / "lock.json").exists()


def test_that_running_without_a_writer_is_interrupted(trained: RunFolder) -> None:
    trained.close()
    assert RunFolder.open(trained.path).manifest.state == "interrupted"
    with RunFolder.open(trained.path, write=True) as run:
        assert run.manifest.state == "interrupted"
        run.update(state="running")
        assert RunFolder.open(trained.path).manifest.state == "running"
        run.update(state="done")
    assert RunFolder.open(trained.path).manifest.state == "done"


def test_that_going_back_to_a_checkpoint_takes_back_what_was_measured_after_it(
    trained: RunFolder,
) -> None:
    trained.append_metrics({"note": "no step in here"})
    trained.rewind_metrics(20)
    assert [record["step"] for record in trained.read_metrics()] == [10, 20]
    trained.append_metrics({"step": 21})
    assert [record["step"] for record in trained.read_metrics()] == [10, 20, 21]
    trained.rewind_metrics(15)  # no checkpoint there: by the step the records tell
    assert [record["step"] for record in trained.read_metrics()] == [10]
    trained.rewind_metrics(0)
    assert trained.read_metrics() == []


def test_that_a_record_of_the_checkpoints_own_step_survives_only_if_it_came_before(new_run) -> None:
    run = new_run()
    run.append_metrics({"step": 10, "kind": "before"})
    run.save_checkpoint(10, tensors_at(10), {})
    run.append_metrics({"step": 10, "kind": "after"})
    run.rewind_metrics(10)
    assert [record["kind"] for record in run.read_metrics()] == ["before"]


def test_that_only_checkpoints_the_manifest_names_stay_on_the_disk(trained: RunFolder) -> None:
    orphan = trained.path / "checkpoints" / "00000099.safetensors"
    orphan.write_bytes(b"left by a killed writer")
    foreign = trained.path / "checkpoints" / "notes.txt"
    foreign.write_bytes(b"not ours")
    for step in (40, 50):
        assert trained.save_checkpoint(step, tensors_at(step), {}) == f"{step:08d}"
    assert sorted(os.listdir(orphan.parent)) == [
        "00000030.safetensors", "00000040.safetensors", "00000050.safetensors", "notes.txt",
    ]  # fmt: skip


def test_that_saving_a_step_again_never_writes_over_the_committed_file(trained: RunFolder) -> None:
    file = trained.path / "checkpoints" / "00000030.safetensors"
    before = file.read_bytes()
    seen: list[bytes] = []
    real = trained.update

    def update(**fields) -> None:
        seen.append(file.read_bytes())
        real(**fields)

    trained.update = update  # type: ignore[method-assign]
    assert trained.save_checkpoint(30, tensors_at(31), {}) == "00000030-1"
    assert seen == [before]
    assert [entry["step"] for entry in trained.manifest.checkpoints] == [10, 20, 30]
    assert same_tensors(trained.load_checkpoint().tensors, 31)
    assert trained.save_checkpoint(30, tensors_at(30), {}) == "00000030"


def test_that_one_best_and_all_pinned_checkpoints_outlive_the_others(new_run) -> None:
    run = new_run()
    for step, kind in ((1, "pinned"), (2, "best"), (3, "best"), (4, "periodic"), (5, "periodic")):
        run.save_checkpoint(step, tensors_at(step), {}, keep_last=1, kind=kind)
    assert [(e["step"], e["kind"]) for e in run.manifest.checkpoints] == [
        (1, "pinned"), (3, "best"), (5, "periodic"),
    ]  # fmt: skip


def test_that_bytes_are_durable_before_the_manifest_speaks_of_them(trained: RunFolder) -> None:
    with faulty(Disk()) as disk:
        trained.append_metrics({"step": 36})
        trained.save_checkpoint(40, tensors_at(40), {})
    names = [name for name, _ in disk.done]
    replaced = [at for at, name in enumerate(names) if name == "replace"]
    synced = [at for at, name in enumerate(names) if name in ("fsync", "fdatasync")]
    pruned = [at for at, (name, of) in enumerate(disk.done) if (name, of) == (
        "unlink", "00000010.safetensors")]  # fmt: skip
    weights, manifest = replaced
    assert [at < weights for at in synced].count(True) == 1  # the temporary file
    between = [names[at] for at in synced if weights < at < manifest]
    assert between[0] == "fsync"  # the folder
    assert between[-1] == "fsync"  # the manifest's temporary file
    assert ("fdatasync" if hasattr(os, "fdatasync") else "fsync") in between[1:-1]  # the metrics
    assert [at > manifest for at in synced].count(True) == 1  # the folder again
    assert len(pruned) == 1
    assert pruned[0] > manifest


def test_that_a_summary_is_kept_beside_the_run(trained: RunFolder) -> None:
    assert trained.read_summary() is None
    trained.write_summary({"test": {"nelbo": 97.5, "rate": float("nan")}})
    assert trained.read_summary() == {"test": {"nelbo": 97.5, "rate": None}}
    file = trained.path / "summary.json"
    file.write_bytes(file.read_bytes().replace(b"97.5", b"79.5"))
    with pytest.raises(StudioError, match="evaluate the run again"):
        trained.read_summary()


def test_that_leftovers_of_a_killed_writer_are_swept_by_the_next(trained: RunFolder) -> None:
    trained.close()
    for part in (trained.path, trained.path / "checkpoints"):
        (part / ".vae-studio-0123.part").write_bytes(b"half")
    RunFolder.open(trained.path)
    assert (trained.path / ".vae-studio-0123.part").exists()  # a reader changes nothing
    RunFolder.open(trained.path, write=True).close()
    assert not list(trained.path.rglob("*.part"))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("part", ["checkpoints", "metrics"])
def test_that_nothing_is_written_through_a_link_in_a_foreign_run(
    trained: RunFolder, tmp_path: Path, part: str
) -> None:
    trained.close()
    (tmp_path / "vault").mkdir()
    (trained.path / part).rename(tmp_path / "aside")
    (trained.path / part).symlink_to(tmp_path / "vault")
    with pytest.raises(StudioError, match="link that leads elsewhere"):
        RunFolder.open(trained.path, write=True)
    assert os.listdir(tmp_path / "vault") == []
    assert not (trained.path / "lock.json").exists()


def test_that_a_run_that_cannot_be_opened_for_writing_is_not_left_locked(
    trained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained.close()
    monkeypatch.setattr(RunFolder, "_make_parts", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        RunFolder.open(trained.path, write=True)
    assert not lock.is_held(trained.path)


def test_that_closing_twice_and_reading_after_it_is_fine(trained: RunFolder) -> None:
    trained.close()
    trained.close()
    assert len(trained.read_metrics()) == 4
    with pytest.raises(StudioError, match="reading only"):
        trained.append_metrics({"step": 99})


def test_that_the_list_of_runs_needs_neither_torch_nor_numpy() -> None:
    script = (
        "import sys; from vae_studio.runs.library import list_runs; list_runs();"
        "print([m for m in ('torch', 'numpy', 'PySide6', 'safetensors') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_that_the_run_folder_needs_no_torch() -> None:
    script = "import sys, vae_studio.runs.folder; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
