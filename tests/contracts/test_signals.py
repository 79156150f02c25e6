"""Slots of other threads' signals are bound methods, and Qt does not eat Python's constants."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal

EMITS = 1_000
TOLERANCE = 200  # PySide6 6.12.0 loses one reference per emit and aborts at zero


def unbound_connects(source: str) -> Iterator[int]:
    """Lines that connect a signal to anything but a method of an object.

    Qt runs a lambda, a function or a partial in the thread of the *sender*: a window touched from
    there crashes, sometimes, later.
    """
    tree = ast.parse(source)
    turns = {name.id for name in loop_variables(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "connect" and node.args:
                slot = node.args[0]
                from_table = isinstance(slot, ast.Name) and slot.id in turns
                if not from_table and not isinstance(slot, ast.Attribute):
                    yield node.lineno
        elif isinstance(node, ast.Dict) and turns:  # a table of edges a loop may connect
            cells = [cell for row in node.values if isinstance(row, ast.Tuple) for cell in row.elts]
            yield from (cell.lineno for cell in cells if not isinstance(cell, ast.Attribute))


def loop_variables(tree: ast.AST) -> Iterator[ast.Name]:
    """The names that ``for`` statements set."""
    for loop in ast.walk(tree):
        if isinstance(loop, ast.For):
            yield from (name for name in ast.walk(loop.target) if isinstance(name, ast.Name))


def crossing_modules(checkout: Path) -> list[Path]:
    """The modules in which signals of two threads meet."""
    package = checkout / "vae_studio"
    return [package / "wiring.py", package / "app.py", *sorted((package / "worker").rglob("*.py"))]


def test_that_only_bound_methods_are_connected_across_threads(checkout: Path) -> None:
    found = [
        f"{module.name}:{line}"
        for module in crossing_modules(checkout)
        for line in unbound_connects(module.read_text(encoding="utf-8"))
    ]
    assert not found, f"connected to something that is no bound method: {', '.join(found)}"


@pytest.mark.parametrize(
    "slot", ["lambda x: self.show(x)", "show", "partial(self.show, 1)", "functools.partial(f)"]
)
def test_that_an_unbound_connect_is_seen(slot: str) -> None:
    assert list(unbound_connects(f"worker.decoded.connect({slot})")) == [1]
    assert list(unbound_connects("worker.decoded.connect(panel.show_decoded)")) == []


TABLE = """
fans = {{worker.decoded: (panel.show_decoded, {slot})}}
for signal, slots in fans.items():
    for slot in slots:
        signal.connect(slot)
"""


@pytest.mark.parametrize("slot", ["lambda x: panel.show(x)", "show", "partial(panel.show, 1)"])
def test_that_an_unbound_slot_in_a_table_is_seen(slot: str) -> None:
    assert list(unbound_connects(TABLE.format(slot=slot))) == [2]
    assert list(unbound_connects(TABLE.format(slot="panel.show"))) == []


class Teller(QObject):
    """Emits the constants that PySide6 6.12.0 loses."""

    told = Signal(object, bool)

    def tell(self) -> None:
        self.told.emit(None, True)


def reference_drift(action: Callable[[], object]) -> int:
    """How far the reference counts of None and True move over a thousand actions."""
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(EMITS):
        action()
    after = sys.getrefcount(None), sys.getrefcount(True)
    return max(abs(a - b) for a, b in zip(after, before, strict=True))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="constants are immortal since Python 3.12")
def test_that_emitting_leaves_the_reference_counts_of_constants_alone(qapp: object) -> None:
    teller, heard = Teller(), []
    teller.told.connect(lambda *told: heard.append(len(told)))
    assert reference_drift(teller.tell) <= TOLERANCE
    assert len(heard) == EMITS


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="constants are immortal since Python 3.12")
def test_that_a_drift_of_reference_counts_is_seen() -> None:
    kept: list[None] = []
    assert reference_drift(lambda: kept.append(None)) > TOLERANCE
