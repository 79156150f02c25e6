"""The whole app, as a person has it before them, ended in order after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from support.person import FOREVER, Person


@pytest.fixture
def a_person(qtbot: QtBot) -> Iterator[Callable[..., Person]]:
    """Makes a person before an app that is not shown yet; ``changes`` to the settings by path."""
    with ExitStack() as leaving:

        def arrive(changes: dict[str, Any] | None = None) -> Person:
            person = Person(qtbot, changes=changes)
            leaving.callback(person.leaves)
            return person

        yield arrive


@pytest.fixture
def person(a_person: Callable[..., Person]) -> Person:
    """Before a started app; a run there would take one epoch of 108 steps."""
    return a_person().starts()


@pytest.fixture
def patient_person(a_person: Callable[..., Person]) -> Person:
    """Before a started app whose runs last until somebody stops them."""
    return a_person(FOREVER).starts()
