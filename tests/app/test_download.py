"""Choosing a set that is not on this computer: told, fetched, cancelled, failed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from support.person import Person

from vae_studio.data import search
from vae_studio.data.idx import idx_bytes
from vae_studio.data.idx_source import STEMS
from vae_studio.data.progress import report
from vae_studio.domain.errors import StudioError
from vae_studio.domain.phase import Phase
from vae_studio.ui.dialogs.download_dialog import DownloadDialog
from vae_studio.worker import fetching

pytestmark = pytest.mark.qt_log_ignore(r"does not support (propagateSizeHints|raise)")


class Server:
    """Stands where the network would: half of a set comes at once, the rest when told to."""

    def __init__(self) -> None:
        self.goes_on, self.asked = threading.Event(), threading.Event()
        self.sentence = ""

    def fetch_set(self, name: str, root: Path, progress) -> Path:
        report(progress, 0.5, "half of it")
        self.asked.set()
        assert self.goes_on.wait(30)
        report(progress, 0.9, "nearly")
        if self.sentence:
            raise StudioError(self.sentence)
        return write_mnist(root / "MNIST" / "raw")


def write_mnist(folder: Path) -> Path:
    """Fifty pictures to learn from and twenty to test on, as MNIST is published."""
    folder.mkdir(parents=True)
    for pictures, labels, count in ((*STEMS[:2], 50), (*STEMS[2:], 20)):
        grey = np.arange(count * 784, dtype=np.uint32).astype(np.uint8).reshape(count, 28, 28)
        (folder / pictures).write_bytes(idx_bytes(grey))
        (folder / labels).write_bytes(idx_bytes(np.arange(count, dtype=np.uint8) % 10))
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    made = Server()
    monkeypatch.setattr(fetching, "fetch_set", made.fetch_set)
    monkeypatch.setattr(search, "DEBIAN_DATASETS", tmp_path / "none")
    yield made
    made.goes_on.set()


def choose(person: Person, name: str) -> None:
    sets = person.panels.data._sets
    row = sets.findData(name)
    sets.setCurrentIndex(row)
    sets.activated.emit(row)


def shown_set(person: Person) -> str:
    return str(person.panels.data._sets.currentData())


def loaded(person: Person) -> list[str]:
    return [data.dataset for data in person.heard("data_loaded")]


def test_that_nothing_is_fetched_before_the_person_agrees(person: Person, server: Server) -> None:
    choose(person, "mnist")
    dialog = person.dialog(DownloadDialog)
    assert not server.asked.is_set()
    person.click("Cancel", dialog)
    assert shown_set(person) == "fashion-mini"
    assert person.studio.desk.config.data.dataset == "fashion-mini"


def test_that_a_fetched_set_is_shown_and_in_the_settings(person: Person, server: Server) -> None:
    choose(person, "mnist")
    person.click("Download", person.dialog(DownloadDialog))
    person.until(server.asked.is_set)
    before = person.decoded()
    person.click_canvas(0.3, 0.4)  # the canvas answers while the set travels
    person.until(lambda: person.decoded() != before)
    server.goes_on.set()
    person.until(lambda: loaded(person)[-1] == "mnist")
    person.until(lambda: not person._open(DownloadDialog))
    assert person.studio.desk.config.data.dataset == shown_set(person) == "mnist"
    assert len(person.panels.data.pictures.pictures) == 32
    person.trains(1)


def test_that_cancelling_answers_at_once_and_keeps_the_set(person: Person, server: Server) -> None:
    choose(person, "mnist")
    dialog = person.dialog(DownloadDialog)
    person.click("Download", dialog)
    person.until(server.asked.is_set)
    began = time.perf_counter()
    person.click("Cancel", dialog)
    person.until(lambda: not person._open(DownloadDialog))
    assert time.perf_counter() - began < 0.2
    assert shown_set(person) == "fashion-mini"
    server.goes_on.set()
    person.trains(3)
    assert "mnist" not in loaded(person)


def test_that_a_failure_is_one_sentence_and_the_set_stays(person: Person, server: Server) -> None:
    server.sentence = "MNIST could not be downloaded; no connection."
    server.goes_on.set()
    choose(person, "mnist")
    dialog = person.dialog(DownloadDialog)
    person.click("Download", dialog)
    person.until(lambda: dialog._sentence.text() == server.sentence)
    person.until(lambda: server.sentence in person.log())
    person.click("Cancel", dialog)
    assert shown_set(person) == "fashion-mini"


def test_that_a_set_the_person_has_is_taken_from_its_folder(
    person: Person, server: Server, tmp_path: Path
) -> None:
    write_mnist(tmp_path / "mine" / "MNIST" / "raw")
    choose(person, "mnist")
    person.click("Choose its folder…", person.dialog(DownloadDialog))
    chooser = person.dialog(QFileDialog)
    chooser.fileSelected.emit(str(tmp_path / "mine"))
    chooser.close()
    person.until(lambda: loaded(person)[-1] == "mnist")
    person.until(lambda: not person._open(DownloadDialog))
    assert not server.asked.is_set()
    choose(person, "fashion-mini")
    person.until(lambda: shown_set(person) == loaded(person)[-1] == "fashion-mini")
    person.until(lambda: person.studio.desk.config.data.dataset == "fashion-mini")
    person.studio.desk.undo_stack.undo()
    person.until(lambda: loaded(person)[-1] == "mnist")


def test_that_a_set_that_arrives_during_a_run_waits(person: Person, server: Server) -> None:
    choose(person, "mnist")
    person.click("Download", person.dialog(DownloadDialog))
    person.until(server.asked.is_set)
    person.click("Train")
    person.until_phase(Phase.RUNNING)
    person.click("Pause")
    person.until_phase(Phase.PAUSED)
    server.goes_on.set()
    person.until(lambda: "choose the set when the run has ended" in person.log())
    person.until(lambda: not person._open(DownloadDialog))
    assert shown_set(person) == "fashion-mini"
    assert "mnist" not in loaded(person)


def test_that_offline_the_download_is_grey(
    person: Person, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAE_STUDIO_OFFLINE", "1")
    choose(person, "mnist")
    dialog = person.dialog(DownloadDialog)
    assert not person.button("Download", dialog).isEnabled()
    assert "VAE_STUDIO_OFFLINE" in dialog._sentence.text()
    person.click("Cancel", dialog)


def test_that_closing_the_window_ends_a_download(person: Person, server: Server) -> None:
    choose(person, "mnist")
    person.click("Download", person.dialog(DownloadDialog))
    person.until(server.asked.is_set)
    person.window.close()
    assert person.studio.thread_of_worker.isFinished()
    assert not person._open(DownloadDialog)


def test_that_a_folder_is_in_the_settings_by_its_name(
    person: Person, server: Server, tmp_path: Path
) -> None:
    from PIL import Image

    (tmp_path / "scans").mkdir()
    for number in range(30):
        grey = np.full((28, 28), number, np.uint8)
        Image.fromarray(grey).save(tmp_path / "scans" / f"{number}.png")
    person.panels.data.choose_folder(str(tmp_path / "scans"))
    person.until(lambda: person.studio.desk.config.data.dataset == "folder:scans")
    sets = person.panels.data._sets
    assert sets.currentText() == "scans"
    assert [sets.itemText(row) for row in range(sets.count())].count("scans") == 1
    person.panels.data.choose_folder(str(tmp_path / "gone"))
    person.until(lambda: "gone" in person.log())
    assert person.studio.desk.config.data.dataset == shown_set(person) == "folder:scans"
