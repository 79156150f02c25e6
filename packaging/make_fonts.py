"""Cut the bundled Inter fonts from the full ones; run by hand when the fonts change.

    pip install fonttools && python packaging/make_fonts.py /usr/share/fonts/opentype/inter

The result is committed, so neither the app nor its build needs fonttools. Inter (SIL Open Font
License 1.1, no reserved font name): https://github.com/rsms/inter, Debian package fonts-inter.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset

WEIGHTS = ("Regular", "Medium", "SemiBold")
MAX_TOTAL_BYTES = 700_000

#: First and last code point of every stretch that titles, captions and the window write with.
RANGES = (
    (0x0020, 0x007E),  # Latin
    (0x00A0, 0x00FF),  # Latin-1: accents, ², ³, ·, ×, ±
    (0x0100, 0x017F),  # Latin Extended-A: Central European names
    (0x0218, 0x021B),  # Romanian
    (0x02B0, 0x02FF),  # modifier letters: ᵗʰ-like superscripts, ˆ, ˜
    (0x0300, 0x036F),  # combining marks, for names typed decomposed
    (0x0370, 0x03FF),  # Greek: β, σ, μ
    (0x1D62, 0x1D6A),  # subscript letters: ᵢ, ᵣ, ᵦ
    (0x2000, 0x206F),  # punctuation: –, —, ‘’, “”, …, thin spaces
    (0x2070, 0x209F),  # superscripts and subscripts: z₁, 10⁻³
    (0x20AC, 0x20AC),  # €
    (0x2100, 0x214F),  # letterlike: ℝ, ℓ, ™
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # maths
    (0x2318, 0x2318), (0x21E7, 0x21E7), (0x2325, 0x2325), (0x238B, 0x238B),  # keys of a Mac
    (0x25A0, 0x25FF),  # ●, ▲, ▸
    (0x2713, 0x2717),  # ✓, ✗
)  # fmt: skip

#: tnum: figures of one width, so a running number does not tremble; case: dashes beside capitals.
FEATURES = ("kern", "mark", "mkmk", "ccmp", "locl", "calt", "tnum", "case", "zero", "sups", "subs")


def cut(source: Path, target: Path) -> int:
    """Write the subset of ``source`` to ``target``; returns its size in bytes."""
    options = subset.Options(layout_features=list(FEATURES), desubroutinize=False)
    options.name_IDs = [*range(0, 18)]  # keeps copyright and licence inside the file
    options.notdef_outline = True
    options.recalc_timestamp = False  # the same input gives the same bytes
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)])
    cutter.subset(font)
    subset.save_font(font, str(target), options)
    return target.stat().st_size


def main() -> int:
    """Cut every weight from the folder named on the command line."""
    source = Path(sys.argv[1])
    target = Path(__file__).resolve().parent.parent / "resources" / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    sizes = {
        weight: cut(source / f"Inter-{weight}.otf", target / f"Inter-{weight}.otf")
        for weight in WEIGHTS
    }
    total = sum(sizes.values())
    print(*(f"{weight}: {size:,} bytes" for weight, size in sizes.items()), sep="\n")
    print(f"together {total:,} of at most {MAX_TOTAL_BYTES:,} bytes")
    return 0 if total <= MAX_TOTAL_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
