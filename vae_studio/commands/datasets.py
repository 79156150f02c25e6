"""``vae-studio datasets``: which pictures there are to learn from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from vae_studio.commands.parsing import Parser, existing_folder
from vae_studio.commands.words import table
from vae_studio.data.catalog import DataEntry, entries, is_present

HEAD = ("name", "here", "title", "licence")
ENDING = """\
A folder of pictures works too: `vae-studio train --dataset FOLDER`; so do DICOM files, a file of
arrays (.npz, .npy) and a table of labels (.csv). Some names take options:
  shapes:64,colour,rotation,correlated=0.7    medmnist:breast,64    celeba:20000
  FOLDER,window=400,level=40    which values of pictures with more than 8 bits are shown"""


def parser() -> Parser:
    """All options of the command."""
    made = Parser(
        "datasets", "[options]",
        "List the sets of pictures; `train --dataset` takes a folder too.",
    )  # fmt: skip
    made.add_argument(
        "--data-dir", type=existing_folder, metavar="DIR", help="look for pictures here first"
    )
    made.add_argument("--json", action="store_true", help="print the list as JSON")
    return made


def main(words: Sequence[str]) -> int:
    """List the sets; answers the exit code."""
    options = parser().read(words)
    found = [(entry, is_present(entry.name, options.data_dir)) for entry in entries()]
    if options.json:
        lines = [{**dataclasses.asdict(entry), "present": present} for entry, present in found]
        print(json.dumps(lines, indent=2, ensure_ascii=False))
    else:
        print(table(HEAD, [_row(entry, present) for entry, present in found]))
        print(ENDING)
    return 0


def _row(entry: DataEntry, present: bool) -> list[str]:
    absent = "can be downloaded" if entry.downloadable else "no"
    here = "yes, bundled" if entry.bundled and present else "yes" if present else absent
    return [entry.name, here, entry.title, entry.licence]
