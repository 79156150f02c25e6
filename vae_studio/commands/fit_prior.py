"""``vae-studio fit-prior``: a better prior for a run that is trained, in seconds."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vae_studio.commands.parsing import Parser, existing_folder, whole_number
from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Value
from vae_studio.engine import catalog

if TYPE_CHECKING:
    from vae_studio.commands.progress import Progress
    from vae_studio.engine.fit_prior import Fit
    from vae_studio.engine.session import LoadedModel

DESCRIPTION = """\
Fit a prior to the codes of a trained run. Encoder and decoder stay as they are; the rate falls, the
loss stays a bound, and samples improve. `vae-studio sample RUN --prior fitted` draws from it, and
`vae-studio evaluate RUN` tells the loss with it. Fitting again replaces it."""


def fittable() -> dict[str, str]:
    """The priors that can be fitted, and what they are."""
    return {name: card.label for name, card in catalog.priors().items() if card.knobs}


def parser() -> Parser:
    """All options of the command."""
    names = tuple(fittable())
    made = Parser("fit-prior", "RUN [options]", DESCRIPTION, _options_text())
    add = made.add_argument
    add("run", metavar="RUN", help="name of a run, the beginning of one, or a run folder")
    add("--prior", choices=names, default="realnvp", help=f"{', '.join(names)}; default realnvp")
    add(
        "--set", dest="settings", action="append", default=[], metavar="NAME=VALUE",
        help="an option of the prior; they are listed below",
    )  # fmt: skip
    add("--seed", type=whole_number, default=0, help="default 0")
    add("--data-dir", type=existing_folder, metavar="DIR", help="look for pictures here first")
    add("--json", action="store_true", help="print the numbers as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """Fit as the words ask; answers the exit code."""
    options = parser().read(words)
    settings = settings_from(options.prior, options.settings)

    from vae_studio.runs.library import find_run

    run = find_run(options.run)

    from vae_studio.commands.progress import Progress
    from vae_studio.engine.session import load_data, open_model

    progress = Progress(sys.stderr, quiet=options.json)
    model = open_model(run)
    splits = load_data(model.config, data_dir=options.data_dir, progress=progress.loading)

    from vae_studio.engine.fit_prior import fit_prior

    slices = fit_prior(model.vae, splits, options.prior, settings, seed=options.seed)
    fit = _watched(slices, progress)
    _keep(run, fit, model)
    found = _numbers(fit, model)
    print(json.dumps(found, indent=2, ensure_ascii=False) if options.json else _text(found))
    return 0


def settings_from(prior: str, texts: Sequence[str]) -> dict[str, Value]:
    """The options that NAME=VALUE texts spell, checked against the prior's card."""
    known = {knob.path: knob for knob in catalog.priors()[prior].knobs}
    settings: dict[str, Value] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or name not in known:
            raise StudioError(
                f"--set needs NAME=VALUE, and '{prior}' has the options {', '.join(known)}; "
                f"'{text}' is neither."
            )
        settings[name] = known[name].parse(value)
    return settings


def _watched(slices: Any, progress: Progress) -> Fit:
    while True:
        try:
            progress.loading(next(slices), "Fitting")
        except StopIteration as last:
            progress.erase()
            return last.value  # type: ignore[no-any-return]


def _keep(run: Path, fit: Fit, model: LoadedModel) -> None:
    from vae_studio.engine.fitted_prior import keep

    keep(run, fit, step=model.step)


def _numbers(fit: Fit, model: LoadedModel) -> dict[str, Any]:
    return {
        "run": model.manifest.name, "step": model.step, "prior": fit.prior.name,
        "options": dict(fit.options), "rate": round(fit.rate, 4),
        "rate_before": round(fit.rate_before, 4), "pictures": fit.pictures,
    }  # fmt: skip


def _text(found: dict[str, Any]) -> str:
    fall = found["rate_before"] - found["rate"]
    return (
        f"{found['run']}: prior {found['prior']} fitted to step {found['step']}\n"
        f"rate {found['rate']:.2f} instead of {found['rate_before']:.2f} nats per image on "
        f"{found['pictures']} pictures held out: NELBO falls by {fall:.2f}"
    )


def _options_text() -> str:
    lines = ["options of the priors (--set NAME=VALUE):"]
    for name in fittable():
        for knob in catalog.priors()[name].knobs:
            lines.append(f"  {knob.path}  with --prior {name}; default {knob.default}")
            lines.append(f"      {knob.help}")
    return "\n".join(lines)
