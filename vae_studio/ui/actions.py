"""Every action of the window, declared once: menus, toolbar, shortcuts and tooltips follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from vae_studio.domain.phase import GRANTED, Phase
from vae_studio.ui.icons import icon

MENUS = ("File", "Edit", "Train", "View", "Help")


@dataclass(frozen=True)
class ActionSpec:
    """One action. ``wish`` is its name in ``domain.phase.GRANTED`` (empty: always granted).

    ``needs`` lists what else must be there: "engine" (warmed up), "data" (a set in memory),
    "model" (something to sample from). Actions of one ``group`` exclude one another.
    """

    name: str
    text: str
    tooltip: str
    menu: str
    icon: str = ""
    icon_role: str = "text"
    shortcut: str = ""
    wish: str = ""
    needs: tuple[str, ...] = ()
    checkable: bool = False
    group: str = ""
    short: str = ""  # on a toolbar button, where it differs
    separated: bool = False


TO_TRAIN = ("engine", "data")
ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open_run", "Open run…", "Open the folder of an earlier run and explore its model.",
               "File", "folder-open", shortcut="Ctrl+O", needs=("engine",)),
    ActionSpec("resume_run", "Resume run…", "Go on with a run that was stopped or interrupted, "
               "exactly as if it never was.", "File", "history", wish="train", needs=("engine",)),
    ActionSpec("export_grid", "Export grid…", "Save a grid of samples as a picture for a slide.",
               "File", "presentation", shortcut="Ctrl+E", needs=("model",), short="Export…",
               separated=True),
    ActionSpec("copy_grid", "Copy grid", "Copy a grid of samples, ready to paste into a slide.",
               "File", "copy", shortcut="Ctrl+Shift+C", needs=("model",)),
    ActionSpec("quit", "Quit", "Close the window; a run that is under way asks first.",
               "File", "log-out", shortcut="Ctrl+Q", separated=True),
    ActionSpec("undo", "Undo", "Take back the last change of a setting.",
               "Edit", "undo-2", shortcut="Ctrl+Z"),
    ActionSpec("redo", "Redo", "Make the change again.", "Edit", "redo-2", shortcut="Ctrl+Shift+Z"),
    ActionSpec("paste_settings", "Paste settings…", "Take over settings of PyTorch-VAE, pythae or "
               "disentangling-vae from the clipboard.", "Edit", "clipboard",
               shortcut="Ctrl+Shift+V", wish="train", separated=True),
    ActionSpec("train", "Train", "Start a run with these settings; the loss begins to fall.",
               "Train", "play", "text", "F5", "train", TO_TRAIN),
    ActionSpec("pause", "Pause", "Hold the run between two batches; the model stays usable.",
               "Train", "pause", shortcut="F6", wish="pause"),
    ActionSpec("resume", "Resume", "Go on with the run where it was paused.",
               "Train", "play", shortcut="F7", wish="resume"),
    ActionSpec("stop", "Stop", "End the run now and save it; it can be resumed later.",
               "Train", "square", shortcut="Shift+F5", wish="stop"),
    ActionSpec("one_batch", "One batch", "Train on a single batch, then pause and look.",
               "Train", "step-forward", shortcut="F8", wish="one_batch", needs=TO_TRAIN),
    ActionSpec("theme_system", "As the system", "Follow the desktop's light or dark colours.",
               "View", checkable=True, group="theme", separated=True),
    ActionSpec("theme_light", "Light", "Stay light.", "View", checkable=True, group="theme"),
    ActionSpec("theme_dark", "Dark", "Stay dark.", "View", checkable=True, group="theme"),
    ActionSpec("workspace_train", "Workspace: Train", "Settings, canvas, loss and results at once.",
               "View", shortcut="Ctrl+1", separated=True),
    ActionSpec("workspace_explore", "Workspace: Explore", "A large canvas beside what it decodes.",
               "View", shortcut="Ctrl+2"),
    ActionSpec("reset_layout", "Reset layout", "Put every panel back where it was at first.",
               "View", "layout-dashboard", separated=True),
    ActionSpec("full_screen", "Full screen", "Give the window the whole screen, or take it back.",
               "View", "maximize", shortcut="F11", checkable=True),
    ActionSpec("shortcuts", "Keyboard shortcuts", "Every key that does something here.",
               "Help", "keyboard", shortcut="F1"),
    ActionSpec("about", "About VAE Studio", "Version, licences and where things are kept.",
               "Help", "info"),
)  # fmt: skip
assert len({spec.name for spec in ACTIONS}) == len(ACTIONS), "every action needs its own name"
assert {spec.menu for spec in ACTIONS} == set(MENUS), "every menu needs an action"

_WHY_NOT_NOW = {
    Phase.IDLE: "There is no run yet.",
    Phase.PREPARING: "The run is being prepared.",
    Phase.RUNNING: "A run is under way.",
    Phase.PAUSED: "The run is paused.",
    Phase.DONE: "The run is over.",
    Phase.FAILED: "The run has failed.",
}
_WHY_MISSING = {
    "engine": "The engine is still starting.",
    "data": "Choose pictures first.",
    "model": "There is no model yet: train one or open a run.",
}
assert set(_WHY_NOT_NOW) == set(Phase), "every phase needs a reason"


class Actions(QObject):
    """The window's QActions by name. Signal: ``triggered(str name)``."""

    triggered = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._phase = Phase.IDLE
        self._there: set[str] = set()
        self._groups: dict[str, QActionGroup] = {}
        self._actions = {spec.name: self._make(spec) for spec in ACTIONS}
        self._refresh()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def of_menu(self, menu: str) -> tuple[tuple[ActionSpec, QAction], ...]:
        """The actions of one menu in their order."""
        return tuple((s, self._actions[s.name]) for s in ACTIONS if s.menu == menu)

    @property
    def phase(self) -> Phase:
        """The phase the actions are set to."""
        return self._phase

    @Slot(object)
    def apply_phase(self, phase: Phase) -> None:
        """Grey what this phase cannot grant."""
        self._phase = phase
        self._refresh()

    def set_there(self, need: str, there: bool) -> None:
        """Say whether "engine", "data" or "model" is there."""
        if there != (need in self._there):
            self._there ^= {need}
            self._refresh()

    def why_not(self, spec: ActionSpec) -> str:
        """Why the action is grey, in one sentence; empty when it is not."""
        if spec.wish and spec.wish not in GRANTED[self._phase]:
            return _WHY_NOT_NOW[self._phase]
        return next((_WHY_MISSING[need] for need in spec.needs if need not in self._there), "")

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.text, self)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        action.setShortcut(QKeySequence(spec.shortcut))
        if spec.icon:
            action.setIcon(icon(spec.icon, spec.icon_role))
        if spec.short:
            action.setIconText(spec.short)
        if spec.group:
            group = self._groups.setdefault(spec.group, QActionGroup(self))
            group.addAction(action)
        if spec.name == "quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        if spec.name == "about":
            action.setMenuRole(QAction.MenuRole.AboutRole)
        action.triggered.connect(self._tell)
        return action

    def _refresh(self) -> None:
        for spec in ACTIONS:
            why = self.why_not(spec)
            action = self._actions[spec.name]
            if spec.wish or spec.needs:
                action.setEnabled(not why)
            action.setToolTip(tooltip(spec, why))
            action.setStatusTip(why or spec.tooltip)

    @Slot()
    def _tell(self) -> None:
        self.triggered.emit(self.sender().objectName())


def tooltip(spec: ActionSpec, why: str = "") -> str:
    """Name, shortcut, what it does, and why it is grey."""
    keys = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    head = f"{spec.text.rstrip('…')} ({keys})" if keys else spec.text.rstrip("…")
    lines = [f"<b>{head}</b>", spec.tooltip, f"<i>{why}</i>" if why else ""]
    return "".join(f"<p style='margin: 0 0 3px 0'>{line}</p>" for line in lines if line)


def shortcuts(specs: Sequence[ActionSpec] = ACTIONS) -> dict[str, str]:
    """Every shortcut and the name of its action; a ValueError where two share one."""
    found: dict[str, str] = {}
    for spec in specs:
        keys = QKeySequence(spec.shortcut).toString() if spec.shortcut else ""
        if keys and keys in found:
            raise ValueError(f"'{found[keys]}' and '{spec.name}' share {keys}")
        if keys:
            found[keys] = spec.name
    return found
