"""The settings being edited, and the way back: the one owner of the config before a run."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from vae_studio.domain.config import (
    OPTION_FIELDS,
    RunConfig,
    knobs,
    value_at,
    with_value,
    without_options,
)
from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Value

STEPS_BACK = 200


class ConfigDesk(QObject):
    """Forms ask it to turn a knob; it tells everybody what the settings are now.

    Signals: ``config_changed(RunConfig)``; ``knob_turned(str path, object value)`` for each
    setting that differs from before, also by undo and redo; ``refused(str)`` one sentence.
    """

    config_changed = Signal(object)
    knob_turned = Signal(str, object)
    refused = Signal(str)

    def __init__(self, config: RunConfig, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._config = config
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(STEPS_BACK)

    @property
    def config(self) -> RunConfig:
        """The settings a run started now would have."""
        return self._config

    @Slot(str, object)
    def turn(self, path: str, value: Value) -> None:
        """Change one setting; it can be undone."""
        try:
            changed = with_value(self._without_old_options(path), path, value)
        except StudioError as wrong:
            self.refused.emit(str(wrong))
            self.config_changed.emit(self._config)
            return
        self.replace(changed, _label(path))

    def replace(self, config: RunConfig, text: str) -> None:
        """Change several settings at once; one undo takes them all back."""
        if config != self._config:
            self.undo_stack.push(_Change(self, self._config, config, text))

    def reset(self, config: RunConfig) -> None:
        """Take over other settings (those of an opened run) and forget the way back."""
        self.undo_stack.clear()
        self._put(config)

    def _without_old_options(self, path: str) -> RunConfig:
        options = OPTION_FIELDS.get(path)
        return without_options(self._config, options) if options else self._config

    def _put(self, config: RunConfig) -> None:
        before, self._config = self._config, config
        self.config_changed.emit(config)
        for knob in knobs():
            value = value_at(config, knob.path)
            if value != value_at(before, knob.path):
                self.knob_turned.emit(knob.path, value)


class _Change(QUndoCommand):
    """From one set of settings to another."""

    def __init__(self, desk: ConfigDesk, before: RunConfig, after: RunConfig, text: str) -> None:
        super().__init__(text)
        self._desk, self._before, self._after = desk, before, after

    def undo(self) -> None:
        self._desk._put(self._before)

    def redo(self) -> None:
        self._desk._put(self._after)


def _label(path: str) -> str:
    return next((knob.label for knob in knobs() if knob.path == path), path.split(".")[-1])
