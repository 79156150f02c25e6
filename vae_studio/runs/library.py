"""The runs of this person: where they lie, which there are, and the one a text means."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError
from vae_studio.runs import manifest, summary
from vae_studio.runs.lock import is_held

_SHOWN_AT_MOST = 5


@dataclass(frozen=True)
class RunListing:
    """One line of the list of runs. ``step`` is that of the newest checkpoint.

    ``state`` is that of the manifest, "interrupted" when it says running but nobody writes, or
    "damaged" when the manifest cannot be read (``problem`` then is the sentence that says why).
    """

    name: str
    path: Path
    state: str
    created: str
    dataset: str
    step: int
    total_steps: int
    test_nelbo: float | None
    convention: str
    problem: str = ""
    run_id: str = ""


def runs_root() -> Path:
    """Where runs go: $VAE_STUDIO_RUNS, or "runs" in the person's data folder."""
    chosen = os.environ.get("VAE_STUDIO_RUNS", "")
    if chosen:
        return Path(os.path.expanduser(chosen))
    import platformdirs

    return Path(platformdirs.user_data_dir("vae-studio", appauthor=False)) / "runs"


def list_runs(root: Path | None = None) -> list[RunListing]:
    """Every run folder directly inside ``root``, newest first; damaged ones are listed as such."""
    root = root or runs_root()
    try:
        folders = [entry for entry in root.iterdir() if _is_run(entry)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StudioError(f"The folder of runs '{shown(root)}' cannot be read: {error}.") from error
    listings = [listing_of(folder) for folder in folders]
    return sorted(listings, key=lambda run: (run.created, run.name), reverse=True)


def listing_of(folder: Path) -> RunListing:
    """The line for one run folder; never raises for what lies in it."""
    try:
        held = is_held(folder)
        found, _ = manifest.read_manifest(folder)
    except StudioError as wrong:
        return RunListing(folder.name, folder, "damaged", "", "", 0, 0, None, "", str(wrong))
    interrupted = found.state == "running" and not held
    return RunListing(
        name=found.name,
        path=folder,
        state="interrupted" if interrupted else found.state,
        created=found.created,
        dataset=_text(_of(found.config, "data", "dataset")),
        step=found.checkpoints[-1]["step"] if found.checkpoints else 0,
        total_steps=_whole(found.resolved.get("total_steps")),
        test_nelbo=_test_nelbo(folder),
        convention=_text(found.resolved.get("convention")),
        run_id=found.run_id,
    )


def find_run(text: str, root: Path | None = None) -> Path:
    """The run folder that a path, a name or the unique beginning of a name (or id) means."""
    if not text.strip():
        raise StudioError("Which run? Give its name or its folder.")
    path = Path(os.path.expanduser(text))
    if _is_run(path):
        return path
    root = root or runs_root()
    found = _called(text, root)
    if len(found) == 1:
        return found[0]
    if found:
        raise StudioError(
            f"'{_shortened(text)}' could be {_spelled_out(found)}; write more of the name."
        )
    if os.path.exists(path):
        raise StudioError(f"'{shown(path)}' is not a run folder: it holds no manifest.json.")
    raise StudioError(f"There is no run called '{_shortened(text)}'; `vae-studio runs` lists them.")


def _called(text: str, root: Path) -> list[Path]:
    """The one run with exactly this name, or else all whose name or id begins with it."""
    runs = list_runs(root)
    exact = [run.path for run in runs if text in (run.name, run.path.name)]
    if exact:
        return exact
    wanted = text.casefold()
    return [
        run.path
        for run in runs
        if run.name.casefold().startswith(wanted) or run.run_id.startswith(wanted)
    ]


def _shortened(text: str) -> str:
    """What the person wrote, fit for a sentence."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return plain if len(plain) <= 60 else plain[:59] + "…"


def _spelled_out(paths: list[Path]) -> str:
    names = [f"'{path.name}'" for path in paths[:_SHOWN_AT_MOST]]
    more = len(paths) - len(names)
    return " or ".join(names) + (f" or {more} more" if more > 0 else "")


def _is_run(folder: Path) -> bool:
    try:
        return folder.is_dir() and os.path.lexists(folder / manifest.FILE_NAME)
    except (OSError, ValueError):  # a name with a zero byte, or far too long
        return False


def _test_nelbo(folder: Path) -> float | None:
    try:
        return summary.nelbo_of(summary.read(folder))
    except StudioError:
        return None


def _of(fields: dict[str, Any], *names: str) -> Any:
    value: Any = fields
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
