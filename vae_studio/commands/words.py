"""Numbers and tables as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def large(value: float) -> str:
    """A count with its thousands apart: "21 500"."""
    return f"{round(value):,}".replace(",", "\u202f" if value >= 10_000 else "")


def duration(seconds: float) -> str:
    """A length of time in the two units that matter: "1 min 05 s"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Columns as wide as their widest cell; those in ``right`` are flush right."""
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        parts = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(parts).rstrip()

    return "\n".join(line(cells) for cells in (head, *rows))


def splits_table(numbers: dict[str, Any]) -> str:
    """NELBO, distortion and rate of the splits in ``numbers``, and the convention they obey."""
    rows, conventions = [], []
    for split in ("test", "train"):
        found = numbers.get(split)
        if found:
            values = [_nats(found[name]) for name in ("nelbo", "distortion", "rate")]
            rows.append([split, *values])
            conventions.append(str(found["convention"]))
    if not rows:
        return ""
    shown = table(["", "NELBO", "distortion", "rate"], rows, right=(1, 2, 3))
    return "\n".join([shown, *dict.fromkeys(conventions)])


def _nats(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def summary_text(summary: dict[str, Any]) -> str:
    """The content of summary.json as a few lines."""
    facts = (
        f"{summary['epochs']:g} epochs · {large(summary['steps'])} steps · "
        f"{duration(summary['seconds'])} · {large(summary['images_per_second'])} images/s · "
        f"{large(summary['parameters'])} parameters · {summary['device']} "
        f"{summary['precision']} · seed {summary['seed']}"
    )
    numbers = splits_table(summary) or "not evaluated: `vae-studio evaluate` does it"
    return f"{numbers}\n{facts}"
