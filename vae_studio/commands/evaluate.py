"""``vae-studio evaluate``: how good a run is on pictures it never saw."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vae_studio.commands.parsing import Parser, existing_folder, whole_number
from vae_studio.commands.readings import readings_text
from vae_studio.commands.words import large
from vae_studio.domain.errors import StudioError

if TYPE_CHECKING:
    from vae_studio.commands.progress import Progress
    from vae_studio.evaluation.report import Evaluation

#: What each group of numbers is; its module in ``vae_studio.evaluation.groups`` has the same name.
GROUPS = {
    "likelihood": "NELBO = distortion + rate over the whole test split, active units",
    "information": "I(x; z), marginal KL, total correlation",
    "copies": "PSNR and SSIM of reconstructions",
    "samples": "distances of samples to pictures in a small classifier's features",
    "memorisation": "whether samples are copies of training pictures",
    "factors": "disentanglement, where the factors of the pictures are known",
    "nll": "log p(x) by importance sampling (the slowest)",
}
DESCRIPTION = """\
Measure a run on pictures it never saw, in about a minute, and keep the numbers in its folder as
evaluation.json. Ctrl-C keeps what is measured. A number that cannot be is shown struck.

groups of numbers (--only A,B):
"""


def parser() -> Parser:
    """All options of the command."""
    width = max(map(len, GROUPS))
    listed = "\n".join(f"  {name:<{width}}  {what}" for name, what in GROUPS.items())
    made = Parser("evaluate", "RUN [options]", DESCRIPTION + listed)
    add = made.add_argument
    add("run", metavar="RUN", help="name of a run, the beginning of one, or a run folder")
    add("--only", metavar="A,B", help="measure these groups of numbers and no others")
    add(
        "--is-samples", type=_at_least_one, default=1000, metavar="K",
        help="draws per picture for log p(x); default 1000",
    )  # fmt: skip
    add(
        "--is-images", type=_at_least_one, default=1000, metavar="N",
        help="test pictures for log p(x), the first N; default 1000",
    )  # fmt: skip
    add("--data-dir", type=existing_folder, metavar="DIR", help="look for pictures here first")
    add("--json", action="store_true", help="print the numbers as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Evaluate as the words ask; answers the exit code."""
    options = parser().read(words)
    groups = _groups(options.only)

    from vae_studio.runs.library import find_run

    run = find_run(options.run)

    from vae_studio.commands.progress import Progress
    from vae_studio.evaluation.report import evaluation, open_subject

    progress = Progress(sys.stderr, quiet=options.json)
    subject = open_subject(
        run, data_dir=options.data_dir,
        is_samples=options.is_samples, is_images=options.is_images,
    )  # fmt: skip
    found = _watched(evaluation(subject, groups), progress)
    if found.readings:
        _keep(run, found)
    if options.json:
        print(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        print(_text(found))
    return 0


def _groups(only: str | None) -> tuple[str, ...]:
    if only is None:
        return tuple(GROUPS)
    wanted = [name.strip() for name in only.split(",")]
    unknown = [name for name in wanted if name not in GROUPS]
    if unknown:
        raise StudioError(
            f"There is no group of numbers '{unknown[0]}'; choose from: {', '.join(GROUPS)}."
        )
    return tuple(name for name in GROUPS if name in wanted)


def _watched(
    slices: Generator[tuple[float, str], bool | None, Evaluation], progress: Progress
) -> Evaluation:
    from vae_studio.commands.stopping import stop_on_signals

    asked: list[bool] = []
    words = "Stopping; what is measured is kept …"
    with stop_on_signals(lambda: asked.append(True), words):
        while True:
            try:
                share, doing = slices.send(True) if asked else next(slices)
            except StopIteration as last:
                progress.erase()
                return last.value  # type: ignore[no-any-return]
            progress.loading(share, doing)


def _keep(run: Path, found: Evaluation) -> None:
    """The numbers are shown even where the run's folder cannot take them."""
    from vae_studio.evaluation.report import keep

    try:
        keep(run, found)
    except StudioError as wrong:
        print(f"vae-studio: not kept: {wrong.sentence}", file=sys.stderr)


def _text(found: Evaluation) -> str:
    lines = [
        f"{found.run}, step {large(found.step)}",
        readings_text(found.readings, styled=sys.stdout.isatty()),
    ]
    if not found.same_data:
        lines.append("These are not the pictures the run was trained on.")
    if not found.complete:
        lines.append("Stopped: there is more to measure.")
    return "\n".join(lines)


def _at_least_one(text: str) -> int:
    number = whole_number(text)
    if number < 1:
        raise StudioError(f"It takes at least one; '{text}' is less.")
    return number
