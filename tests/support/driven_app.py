"""The app in a process of its own: trains as soon as it can, then waits, or closes its window.

``python driven_app.py [close]`` prints ``pictures torch=no`` when they are in memory, ``training``
once 50 batches are drawn and, with ``close``, answers the question that closing asks with *Save
and stop*. Exits with the app's own code.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QApplication, QPushButton

from vae_studio import app as app_module
from vae_studio.domain.config import RunConfig, with_value
from vae_studio.ui.dialogs.close_dialog import CloseDialog

BATCHES = 50
LOOK_MS = 20
SETTINGS = {
    "model.net": "mlp", "model.options.width": 24, "train.batch_size": 100,
    "train.precision": "fp32", "train.device": "cpu", "train.epochs": 10_000,
}  # fmt: skip


class DrivenApp(app_module.App):
    """An App with a hand on its buttons."""

    def __init__(self, app: QApplication, **others: object) -> None:
        super().__init__(app, **others)  # type: ignore[arg-type]
        config = RunConfig()
        for path, value in SETTINGS.items():
            config = with_value(config, path, value)
        self.desk.reset(config)
        self.worker.data_loaded.connect(tell_pictures)  # a function: runs in the worker's thread
        self.steps = [self.press_train, self.tell_training]
        self.steps += [self.close_window, self.save_and_stop] if "close" in sys.argv else []
        self.look = QTimer(self)
        self.look.timeout.connect(self.go_on)
        self.look.start(LOOK_MS)

    @Slot()
    def go_on(self) -> None:
        """Take the next step once it can be taken."""
        if self.steps and self.steps[0]():
            self.steps.pop(0)

    def press_train(self) -> bool:
        button = self.window.run_bar.primary
        if button.isEnabled():
            button.click()
        return button.isEnabled()

    def tell_training(self) -> bool:
        if len(self.panels.loss.history) >= BATCHES:
            print("training", flush=True)
        return len(self.panels.loss.history) >= BATCHES

    def close_window(self) -> bool:
        self.window.close()
        return True

    def save_and_stop(self) -> bool:
        (dialog,) = self.window.findChildren(CloseDialog)
        found = [b for b in dialog.findChildren(QPushButton) if b.text() == "Save and stop"]
        found[0].click()
        return True


def tell_pictures(_data: object) -> None:
    """Pictures are in memory; the first time, is torch?"""
    print(f"pictures torch={'yes' if 'torch' in sys.modules else 'no'}", flush=True)


if __name__ == "__main__":
    app_module.App = DrivenApp  # type: ignore[misc]
    sys.exit(app_module.main())
