"""The list of runs, and which one a text means."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from support.runs import tensors_at

from vae_studio.domain.errors import StudioError
from vae_studio.runs.folder import RunFolder
from vae_studio.runs.library import find_run, list_runs, runs_root
from vae_studio.runs.summary import nelbo_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_that_runs_lie_where_the_variable_says_or_in_the_persons_data_folder(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_STUDIO_RUNS", str(tmp_path / "here"))
    assert runs_root() == tmp_path / "here"
    monkeypatch.setenv("VAE_STUDIO_RUNS", str(Path("~") / "mine"))
    assert runs_root() == home / "mine"
    monkeypatch.delenv("VAE_STUDIO_RUNS")
    assert runs_root().name == "runs"
    assert home in runs_root().parents


def test_that_without_a_folder_there_are_no_runs(root: Path) -> None:
    assert list_runs(root) == []
    assert list_runs() == []


def test_that_a_listing_tells_what_the_run_came_to(trained: RunFolder, root: Path) -> None:
    trained.write_summary({"test": {"nelbo": 97.5}})
    (listing,) = list_runs(root)
    assert (listing.name, listing.path, listing.state) == ("mnist", trained.path, "running")
    assert (listing.dataset, listing.step, listing.total_steps) == ("mnist", 30, 40)
    assert (listing.test_nelbo, listing.convention) == (97.5, "grey-BCE")
    trained.close()
    assert list_runs(root)[0].state == "interrupted"


def test_that_a_fresh_run_is_listed_with_what_is_known(new_run, root: Path) -> None:
    new_run(config={}, resolved={"convention": 5, "total_steps": "x"})
    (listing,) = list_runs(root)
    assert (listing.dataset, listing.step, listing.total_steps) == ("", 0, 0)
    assert (listing.test_nelbo, listing.convention) == (None, "")


def test_that_the_newest_run_comes_first_and_other_things_do_not_come(new_run, root: Path) -> None:
    for day, name in ((2, "b"), (3, "a"), (1, "c")):
        new_run(name).update(created=f"2026-11-0{day}T00:00:00Z")
    (root / "notes").mkdir()
    (root / "file").write_text("")
    assert [run.name for run in list_runs(root)] == ["a", "b", "c"]


def test_that_a_damaged_run_is_listed_with_its_sentence(trained: RunFolder, root: Path) -> None:
    trained.close()
    (trained.path / "manifest.json").write_bytes(b"{}")
    (listing,) = list_runs(root)
    assert (listing.name, listing.state) == ("mnist", "damaged")
    assert "changed by hand" in listing.problem


def test_that_a_damaged_summary_costs_only_its_number(trained: RunFolder, root: Path) -> None:
    (trained.path / "summary.json").write_bytes(b'{"test": {"nelbo": 1.0}}')
    (listing,) = list_runs(root)
    assert (listing.state, listing.test_nelbo) == ("running", None)


@pytest.mark.parametrize("fields", [None, {}, {"test": 1}, {"test": {"nelbo": "x"}}, {"test": {}}])
def test_that_a_summary_without_the_number_has_none(fields: dict | None) -> None:
    assert nelbo_of(fields) is None
    assert nelbo_of({"test": {"nelbo": 97}}) == 97.0


def test_that_a_run_is_found_by_path_name_beginning_and_id(new_run, root: Path) -> None:
    run, other = new_run("2026-11-22 mnist 20 units"), new_run("fashion")
    for text in (
        str(run.path), "2026-11-22 mnist 20 units", "2026-11", "2026-11-22 MNIST",
        run.manifest.run_id[:8],
    ):  # fmt: skip
        assert find_run(text, root) == run.path, text
    assert find_run("fash", root) == other.path


def test_that_a_path_may_be_relative_or_below_home(
    trained: RunFolder, root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    assert find_run("mnist").samefile(trained.path)
    assert find_run(os.path.join(".", "mnist", "")).samefile(trained.path)
    trained.close()
    trained.path.rename(home / "mine")
    assert find_run(str(Path("~") / "mine")) == home / "mine"


def test_that_the_whole_name_wins_over_the_beginning_of_another(new_run, root: Path) -> None:
    first = new_run("mnist")
    new_run("mnist")
    assert find_run("mnist", root) == first.path


def test_that_a_beginning_shared_by_several_is_refused_with_their_names(
    new_run, root: Path
) -> None:
    for _ in range(7):
        new_run("mnist")
    with pytest.raises(
        StudioError, match=r"'mn' could be 'mnist.* or 2 more; write more"
    ) as caught:
        find_run("mn", root)
    assert str(caught.value).count(" or ") == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gone", "no run called 'gone'; `vae-studio runs` lists them"),
        ("", "Which run"),
        ("  ", "Which run"),
        ("a\0b\nc", "no run called 'a b c'"),
        ("~nobody-of-that-name/run", "no run called"),
        ("x" * 5000, "no run called"),
        (".", "not a run folder"),
    ],
)
def test_that_what_is_no_run_is_one_sentence(
    trained: RunFolder, root: Path, text: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(StudioError, match=words) as caught:
        find_run(text, root)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_that_two_hundred_runs_are_listed_in_a_moment(new_run, root: Path) -> None:
    import shutil
    import time

    run = new_run()
    run.save_checkpoint(10, tensors_at(10), {})
    run.write_summary({"test": {"nelbo": 97.5}})
    run.close()
    for number in range(200):
        (root / f"copy {number}").mkdir()
        for name in ("manifest.json", "summary.json"):
            shutil.copy(run.path / name, root / f"copy {number}" / name)
    before = time.process_time()
    assert len(list_runs(root)) == 201
    assert time.process_time() - before < 1.0  # about 0.03 s; a slow reader would take seconds


def test_that_a_listing_holds_plain_values_only(trained: RunFolder, root: Path) -> None:
    assert msgspec.json.encode([{**vars(run), "path": str(run.path)} for run in list_runs(root)])
