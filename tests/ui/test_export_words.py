"""What the export dialog calls a file and its size."""

from __future__ import annotations

from vae_studio.domain.grid import SampleGridSpec
from vae_studio.ui.dialogs.export_dialog import file_name, file_size


def test_that_sizes_and_names_are_plain() -> None:
    assert [file_size(n) for n in (840, 36_020, 4_232_027)] == ["840 bytes", "36 kB", "4.2 MB"]
    assert file_name(SampleGridSpec(rows=2, columns=3, seed=9)) == "samples-2x3-seed-9.png"
