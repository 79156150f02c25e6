"""A table of labels (CSV) that lies with a folder of pictures: which class, part and patient."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from vae_studio.data.layout import PARTS, Layout, labelled, plain
from vae_studio.domain.atomic import cannot, shown
from vae_studio.domain.errors import StudioError

INSIDE = "labels.csv"  # looked for in the folder; beside it, one with the folder's name
COLUMNS = {
    "file": ("file", "filename", "file_name", "image", "path", "image_id", "image_path"),
    "label": ("label", "class", "target", "category", "diagnosis"),
    "part": ("split", "part", "set", "subset"),
    "group": ("patient", "patient_id", "patientid", "group", "subject"),
}
WANTED = "the columns file and label (and, where wished, split and patient)"
LONGEST_LINE = 1 << 16


@dataclass(frozen=True)
class LabelTable:
    """What a CSV file says of pictures: each row by the name that stands in its file column."""

    path: Path
    rows: dict[str, dict[str, str]]
    columns: frozenset[str]

    def known_among(self, pictures: Sequence[Path]) -> tuple[list[Path], list[str]]:
        """The pictures that the table names and that have a label, and notes on what differs."""
        rows = self._found(pictures)
        kept = [path for path in pictures if path in rows]
        found = len(kept)
        missing = list(self._unfound(pictures))
        if "label" in self.columns:
            kept = [path for path in kept if rows[path]["label"]]
        notes = []
        if missing:
            first = plain(Path(missing[0]))
            notes.append(
                f"{len(missing):,} of the {len(self.rows):,} files in {self.path.name} are not "
                f"there, the first being {first}."
            )
        if found < len(pictures):
            more = len(pictures) - found
            notes.append(f"{more:,} pictures that {self.path.name} does not name are left out.")
        if len(kept) < found:
            notes.append(f"{found - len(kept):,} pictures without a label are left out.")
        return kept, notes

    def layout(self, pictures: Sequence[Path]) -> Layout:
        """Class, part and group of pictures that ``known_among`` answered."""
        found = self._found(pictures)
        rows = [found[path] for path in pictures]
        parts = [PARTS.get(row["part"].lower(), "") for row in rows]
        if "train" not in parts and "" not in parts:  # nothing would be left to learn from
            parts = [""] * len(parts)
        groups_N = np.array([row["group"] for row in rows]) if "group" in self.columns else None
        return labelled([row["label"] for row in rows], parts, groups_N)

    def _found(self, pictures: Sequence[Path]) -> dict[Path, dict[str, str]]:
        """A row is meant by the whole path, else by the name, else by the name without ending."""
        found: dict[Path, dict[str, str]] = {}
        for spell in SPELLINGS:
            spelled = _once(pictures, spell)
            for text, path in spelled.items():
                if path not in found and text in self.rows:
                    found[path] = self.rows[text]
        return found

    def _unfound(self, pictures: Sequence[Path]) -> Iterator[str]:
        known = {text for spell in SPELLINGS for text in _once(pictures, spell)}
        yield from (text for text in self.rows if text not in known)


SPELLINGS = (Path.as_posix, lambda path: path.name, lambda path: path.stem)


def table_of(folder: Path, named: Path | None = None) -> LabelTable | None:
    """The table that lies with a folder, or the named one; None where there is none."""
    usual = (folder / INSIDE, folder.parent / f"{folder.name}.csv")
    path = named or next((place for place in usual if os.path.isfile(place)), None)
    return read_table(path) if path else None


def read_table(path: Path) -> LabelTable:
    """The table in a CSV file with a first line of column names; raises StudioError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline(LONGEST_LINE)
            file.seek(0)
            delimiter = max(",;\t", key=first.count)
            lines = csv.DictReader(file, delimiter=delimiter)
            roles = _roles(path, lines.fieldnames or ())
            rows = dict(_rows(lines, roles))
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise StudioError(
            f"'{shown(path)}' is no table of text ({wrong}); save it as CSV in UTF-8."
        ) from None
    except OSError as error:
        raise cannot("read", path, error) from error
    return LabelTable(path, rows, frozenset(roles))


def _roles(path: Path, names: Sequence[str]) -> dict[str, str]:
    """The column of each role that the table has."""
    plain_names = {name.strip().lower(): name for name in names if name}
    roles = {
        role: plain_names[alias]
        for role, aliases in COLUMNS.items()
        for alias in reversed(aliases)
        if alias in plain_names
    }
    if "file" not in roles or len(roles) < 2:
        found = ", ".join(plain_names)[:200] or "nothing"
        raise StudioError(f"'{shown(path)}' needs a first line with {WANTED}; it has {found}.")
    return roles


def _rows(
    lines: csv.DictReader[str], roles: dict[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    for line in lines:
        row = {role: (line.get(roles.get(role, "")) or "").strip() for role in COLUMNS}
        if row["file"]:
            name = PurePosixPath(row["file"].replace("\\", "/"))
            yield name.as_posix(), row


def _once(pictures: Sequence[Path], spell) -> dict[str, Path]:  # type: ignore[no-untyped-def]
    """Pictures by one spelling of their names, without names that several of them have."""
    by_name: dict[str, Path] = {}
    twice: set[str] = set()
    for path in pictures:
        text = spell(path)
        twice |= {text} & by_name.keys()
        by_name[text] = path
    return {text: path for text, path in by_name.items() if text not in twice}
