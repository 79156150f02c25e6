"""The wall of all pictures: what is on it, and that only what is in sight costs anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vae_studio.data.catalog import load_splits
from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.ui.dialogs.browser_dialog import BrowserDialog
from vae_studio.ui.widgets.thumbnail_wall import ThumbnailWall

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def dialog(qtbot: QtBot, tiny_splits: DataSplits) -> BrowserDialog:
    """384 + 64 + 128 pictures of ten classes."""
    made = BrowserDialog(tiny_splits)
    qtbot.addWidget(made)
    made.show()
    return made


def pick(dialog: BrowserDialog, field: str, value: object) -> np.ndarray:
    """Choose in a field as a person does; the pictures then on the wall."""
    box = getattr(dialog, field)
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())
    return dialog.wall._numbers_M


def test_that_all_pictures_hang_at_first(dialog: BrowserDialog) -> None:
    assert dialog._count.text() == "576 pictures"


def test_that_part_and_class_choose_together(
    dialog: BrowserDialog, tiny_splits: DataSplits
) -> None:
    pick(dialog, "_part", 2)
    shown = pick(dialog, "_class", 3)
    wanted = np.flatnonzero(tiny_splits.test.labels_N == 3) + 384 + 64
    assert np.array_equal(shown, wanted)


def test_that_pictures_can_be_sorted_by_class(dialog: BrowserDialog) -> None:
    labels = dialog._album._labels_N
    assert labels is not None
    shown = pick(dialog, "_order", "class")
    assert (np.diff(labels[shown]) >= 0).all()
    assert sorted(shown) == list(range(576))


def test_that_a_click_tells_what_a_picture_is(dialog: BrowserDialog, qtbot: QtBot) -> None:
    pick(dialog, "_part", 1)
    QTest.mouseClick(dialog.wall.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 30))
    label = dialog._album.label(dialog.wall.current)
    assert dialog._told.full_text == f"held out 1 · class {label}"


def test_that_the_keys_move_the_choice_and_stop_at_the_ends(dialog: BrowserDialog) -> None:
    wall = dialog.wall
    for key, place in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 1 + wall.columns),
                       (Qt.Key.Key_End, 575), (Qt.Key.Key_Right, 575),
                       (Qt.Key.Key_Home, 0), (Qt.Key.Key_Up, 0)):  # fmt: skip
        QTest.keyClick(wall, key)
        assert wall.current == place
    QTest.keyClick(wall, Qt.Key.Key_End)
    assert wall.viewport().rect().contains(wall._rect(575))


def test_that_another_set_takes_the_place_and_the_same_one_stays(
    dialog: BrowserDialog, tiny_splits: DataSplits
) -> None:
    pick(dialog, "_part", 2)
    dialog.show_splits(tiny_splits)
    assert dialog._count.text() == "128 pictures"
    dialog.show_splits(load_splits("shapes"))
    assert dialog._count.text() == "4,608 pictures"
    assert dialog._part.currentData() == -1


def test_that_of_two_hundred_thousand_pictures_only_those_in_sight_are_drawn(qtbot: QtBot) -> None:
    drawn: list[int] = []

    def draw(number: int) -> np.ndarray:
        drawn.append(number)
        return np.zeros((1, 28, 28), np.uint8)

    wall = ThumbnailWall(draw, str)
    qtbot.addWidget(wall)
    wall.resize(720, 480)
    wall.show()
    wall.set_numbers(np.arange(200_000))
    wall.grab()
    screen = wall.columns * (480 // 68 + 2)
    assert 0 < len(set(drawn)) <= screen
    drawn.clear()
    wall.verticalScrollBar().setValue(wall.verticalScrollBar().maximum())
    wall.grab()
    assert max(drawn) == 199_999
    assert len(set(drawn)) <= screen
    drawn.clear()
    wall.grab()
    assert not drawn  # nothing moved, nothing is made again
    for value in range(0, 400_000, 1_000):
        wall.verticalScrollBar().setValue(value)
        wall.grab()
    assert wall.drawn <= 3_000


def test_that_a_file_is_named_and_its_folder_opened(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    folder = tmp_path / "scans"
    for number in range(20):
        place = folder / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (16, 16)).astype(np.uint8)
        Image.fromarray(pixels).save(place / f"{number}.png")
    dialog = BrowserDialog(load_splits(str(folder)))
    qtbot.addWidget(dialog)
    dialog.show()
    numbers = pick(dialog, "_order", "name")
    names = [dialog._album.name(int(number)) for number in numbers]
    assert names == sorted(names)
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    dialog.wall.choose(0)
    dialog._open.click()
    assert [url.toLocalFile() for url in opened] == [str(folder / "a")]


def test_that_pictures_without_labels_have_no_class_to_choose(
    qtbot: QtBot, tiny_splits: DataSplits
) -> None:
    from dataclasses import replace

    bare = {name: ImageSet(part.images_NCHW) for name, part in tiny_splits.parts.items()}
    dialog = BrowserDialog(replace(tiny_splits, class_names=(), **bare))
    qtbot.addWidget(dialog)
    assert not dialog._class.isEnabled()
    assert dialog._about(0) == "training 0"
