"""Number and choice fields: typing, stepping, the wheel."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from vae_studio.ui.widgets.steady_inputs import ChoiceField, NumberField, next_stop, number_text

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def roll(widget: QWidget) -> bool:
    """Turn the wheel one notch over a widget; whether the widget took it."""
    event = QWheelEvent(
        QPointF(5, 5), QPointF(widget.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_that_the_wheel_changes_nothing_without_focus(qtbot: QtBot) -> None:
    number, choice = NumberField(), ChoiceField()
    choice.addItems(["a", "b", "c"])
    choice.setCurrentIndex(1)
    for field in (number, choice):
        qtbot.addWidget(field)
        assert not roll(field)
    assert (number.value(), choice.currentIndex()) == (0, 1)


def test_that_the_wheel_changes_a_field_in_focus(qtbot: QtBot) -> None:
    field = NumberField()
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert roll(field)
    assert field.value() == 1


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("5e-4", 0.0005), ("0,25", 0.25), ("0.5", 0.5), ("7", 7), ("99999", 1000), ("-3", 0)],
)
def test_that_numbers_may_be_typed_as_people_write_them(
    qtbot: QtBot, typed: str, expected: float
) -> None:
    field = NumberField(decimals=6, high=1000, unit="of the run")
    qtbot.addWidget(field)
    field.setValue(1)
    field.selectAll()
    QTest.keyClicks(field, typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == expected
    assert field.text().endswith(" of the run")


def test_that_nonsense_is_not_taken(qtbot: QtBot) -> None:
    field = NumberField(decimals=2)
    qtbot.addWidget(field)
    field.setValue(3)
    field.selectAll()
    QTest.keyClicks(field, "1e")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 3


def test_that_a_half_typed_number_is_no_wish(qtbot: QtBot) -> None:
    field = NumberField(high=1000)
    qtbot.addWidget(field)
    field.selectAll()
    with qtbot.assertNotEmitted(field.valueChanged):
        QTest.keyClicks(field, "25")
    with qtbot.waitSignal(field.valueChanged):
        QTest.keyClick(field, Qt.Key.Key_Return)


def test_that_the_largest_seed_is_kept_to_the_last_digit(qtbot: QtBot) -> None:
    field = NumberField(high=2**53)
    qtbot.addWidget(field)
    field.setValue(2**53 - 1)
    assert int(field.value()) == 2**53 - 1
    assert field.text() == "9007199254740991"


def test_that_stops_go_through_the_decades_and_back() -> None:
    value, seen = 0.1, []
    for _ in range(14):
        value = next_stop(value, True, "decades", 0.001)
        seen.append(round(value, 6))
    assert seen == [0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10]
    for _ in range(14):
        value = next_stop(value, False, "decades", 0.001)
    assert value == pytest.approx(0.1)


def test_that_zero_lies_below_the_smallest_stop() -> None:
    assert next_stop(0.001, False, "decades", 0.001) == 0
    assert next_stop(0, True, "decades", 0.001) == 0.1


def test_that_batches_double_and_halve() -> None:
    assert next_stop(256, True, "doubling", 1) == 512
    assert next_stop(256, False, "doubling", 1) == 128
    assert next_stop(1, False, "doubling", 1) == 1


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1, 3, "1.00"), (0.125, 3, "0.125"), (0.002, 6, "0.002"), (12, 0, "12"), (0.1, 2, "0.10")],
)
def test_that_numbers_carry_no_needless_zeros(value: float, decimals: int, text: str) -> None:
    assert number_text(value, decimals) == text
