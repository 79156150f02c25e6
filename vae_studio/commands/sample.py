"""``vae-studio sample``: a grid of prior samples as a PNG, the same file the app would export."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vae_studio.commands.parsing import Parser, number, whole_number
from vae_studio.domain.atomic import shown
from vae_studio.domain.errors import StudioError
from vae_studio.domain.grid import PAGES, SampleGridSpec

DESCRIPTION = """\
Draw codes from the prior, decode them and write the pictures as a grid. The same run, seed and
options give the same file, here and in the app."""


def parser() -> Parser:
    """All options of the command."""
    plain = SampleGridSpec()
    made = Parser("sample", "RUN --out FILE.png [options]", DESCRIPTION)
    add = made.add_argument
    add("run", metavar="RUN", help="name of a run, the beginning of one, or a run folder")
    add("--out", type=_png, required=True, metavar="FILE.png", help="the picture to write")
    add("--rows", type=whole_number, default=plain.rows, help=f"default {plain.rows}")
    add("--columns", type=whole_number, default=plain.columns, help=f"default {plain.columns}")
    add("--seed", type=whole_number, default=plain.seed, help=f"default {plain.seed}")
    add(
        "--temperature", type=number, default=plain.temperature,
        help="standard deviation of the codes: below 1 safer pictures, above 1 wilder ones",
    )  # fmt: skip
    add(
        "--prior", choices=("trained", "fitted"), default="trained",
        help="the prior of the training, or that of `vae-studio fit-prior`",
    )  # fmt: skip
    add("--scale", type=whole_number, help="pixels per picture pixel; 0 fills the page")
    add("--gap", type=whole_number, default=plain.gap_px, help="pixels between pictures")
    add("--border", type=whole_number, default=plain.border_px, help="pixels around the grid")
    add(
        "--background", default=plain.background, metavar="COLOUR",
        help="black, white or transparent",
    )  # fmt: skip
    add("--title", default=plain.title, help="text above the grid")
    add("--caption", default=plain.caption, help="smaller text below the title")
    add(
        "--label-rows", action="store_true",
        help="a row for each class of a conditional model, the same code down each column",
    )  # fmt: skip
    add("--page", default=plain.page, metavar="NAME", help=f"one of {', '.join(PAGES)}")
    return made


def main(words: Sequence[str]) -> int:
    """Sample as the words ask; answers the exit code."""
    options = parser().read(words)
    spec = spec_from(options)

    from vae_studio.runs.library import find_run

    png, size = _draw(find_run(options.run), spec, fitted=options.prior == "fitted")

    from vae_studio.export.grid import write_grid

    write_grid(options.out, png)
    print(f"{shown(options.out)}  {size[0]} × {size[1]} px, {spec.count} samples")
    return 0


def spec_from(options: argparse.Namespace) -> SampleGridSpec:
    """The grid the options describe; StudioError where it cannot be."""
    scale = options.scale
    if scale is None:
        scale = SampleGridSpec.scale if options.page == "grid" else 0
    return SampleGridSpec(
        rows=options.rows, columns=options.columns, gap_px=options.gap, scale=scale,
        seed=options.seed, temperature=options.temperature, background=options.background,
        title=options.title, page=options.page, border_px=options.border, caption=options.caption,
        label_rows=options.label_rows,
    )  # fmt: skip


def _draw(run: Path, spec: SampleGridSpec, *, fitted: bool) -> tuple[bytes, tuple[int, int]]:
    from vae_studio.engine.grids import sample_grid
    from vae_studio.engine.session import open_model
    from vae_studio.export.grid import png_size

    model = open_model(run, prior="fitted" if fitted else None)
    for note in model.notes:
        print(note, file=sys.stderr)
    manifest = model.manifest
    png = sample_grid(
        model.probe, spec, config=model.config, run_id=manifest.run_id, run_name=manifest.name,
        step=model.step, convention=str(model.convention), title=model.data_title,
    )  # fmt: skip
    return png, png_size(png)


def _png(text: str) -> Path:
    """The file to write, refused before anything slow is done."""
    path = Path(text).expanduser()
    if path.suffix.lower() != ".png":
        raise StudioError(f"A sample grid is a PNG picture; '{text}' should end in .png.")
    if not path.absolute().parent.is_dir():
        raise StudioError(f"There is no folder '{path.parent}' to write the picture into.")
    if path.is_dir():
        raise StudioError(f"'{text}' is a folder; --out names the picture to write.")
    return path
