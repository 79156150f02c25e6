"""Make the README's pictures of the window: train a map of MNIST and photograph it, light and dark.

    python packaging/make_pictures.py --data-dir DIR [--epochs 8]

Needs a screen, or QT_QPA_PLATFORM=offscreen.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from vae_studio.app import SWITCH_S, App
from vae_studio.domain.config import with_value
from vae_studio.domain.events import BatchesTrained, RunStarted

PICTURES = Path(__file__).resolve().parents[1] / "resources" / "pictures"
SHARE = 0.8  # of the run, when the photograph is taken: the curves still move
WHERE = (0.56, 0.46)  # of the canvas, for the click
SETTLE_MS = 1_500


class Photographer(QObject):
    """Starts a run, waits, clicks the canvas, photographs both themes, ends the app."""

    def __init__(self, studio: App, epochs: int) -> None:
        super().__init__()
        self._studio, self._steps, self._waiting = studio, 0, True
        config = with_value(studio.desk.config, "train.epochs", epochs)
        studio.desk.reset(with_value(config, "data.dataset", "mnist"))
        studio.worker.data_loaded.connect(self.start)
        studio.worker.run_started.connect(self.learn_length)
        studio.worker.batches_trained.connect(self.watch)

    @Slot(object)
    def start(self, loaded: object) -> None:
        """Train as soon as MNIST is there."""
        if getattr(loaded, "dataset", "") == "mnist" and not self._studio.window.phase.busy:
            self._studio.wishes.ask_for_run()

    @Slot(object)
    def learn_length(self, run: RunStarted) -> None:
        """How long the run will be."""
        self._steps = run.total_steps

    @Slot(object)
    def watch(self, chunk: BatchesTrained) -> None:
        """Hold when enough was learnt."""
        if self._waiting and self._steps and chunk.last_step > SHARE * self._steps:
            self._waiting = False
            self._studio.window.pause_requested.emit()
            self._click()
            QTimer.singleShot(SETTLE_MS, self.photograph_light)

    def _click(self) -> None:
        canvas = self._studio.panels.canvas.canvas
        place = QPoint(int(canvas.width() * WHERE[0]), int(canvas.height() * WHERE[1]))
        for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
            QApplication.sendEvent(canvas, QMouseEvent(
                kind, QPointF(place), QPointF(canvas.mapToGlobal(place)),
                Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            ))  # fmt: skip

    @Slot()
    def photograph_light(self) -> None:
        """Light first."""
        self._studio.theme.pin("light")
        QTimer.singleShot(SETTLE_MS, self.photograph_dark)

    @Slot()
    def photograph_dark(self) -> None:
        """Keep the light picture, then dress in dark."""
        self._keep("light")
        self._studio.theme.pin("dark")
        QTimer.singleShot(SETTLE_MS, self.end)

    @Slot()
    def end(self) -> None:
        """Keep the dark picture and close."""
        self._keep("dark")
        self._studio.save_and_close()

    def _keep(self, theme: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self._studio.window.grab().save(str(PICTURES / f"window-{theme}.png"))


def main() -> int:
    """Photograph as the options say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    os.environ["VAE_STUDIO_DATA"] = options.data_dir
    sys.setswitchinterval(SWITCH_S)
    app = QApplication(sys.argv[:1])
    studio = App(app)
    photographer = Photographer(studio, options.epochs)
    studio.window.resize(1440, 900)
    studio.window.show()
    code = app.exec()
    del photographer
    return code


if __name__ == "__main__":
    sys.exit(main())
