"""Cut the bundled set `fashion-mini` from Fashion-MNIST, the same way every time.

    apt-get install dataset-fashion-mnist
    python packaging/make_fashion_mini.py [FOLDER]

Draws 1,200 training and 200 test pictures of each of the ten classes and keeps their order. The
source is checked first: SHA-256 of the uncompressed bytes. FOLDER is where the four files lie
(default: Debian's). LICENSE.txt beside the pictures is kept as it is.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np

from vae_studio.data.idx import decompressed, parse_idx
from vae_studio.data.mosaic import write_mosaic
from vae_studio.data.published import DOWNLOADS
from vae_studio.domain.seeds import seed_for
from vae_studio.resources import resource

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
PER_CLASS = {"train": 1_200, "test": 200}


def main(folder: Path) -> None:
    """Write the bundled files and say how large they are."""
    train_pictures, train_labels, test_pictures, test_labels = verified(folder)
    place = resource("data", "fashion-mini")
    place.mkdir(parents=True, exist_ok=True)
    parts = {"train": (train_pictures, train_labels), "test": (test_pictures, test_labels)}
    for part, (pictures, labels) in parts.items():
        chosen = balanced(labels, PER_CLASS[part], part)
        write_mosaic(place, part, pictures[chosen], labels[chosen])
    total = sum(path.stat().st_size for path in place.iterdir())
    print(f"{place}: {total / 1e6:.2f} MB")


def verified(folder: Path) -> list[np.ndarray]:
    """The four arrays, after their uncompressed bytes have been checked."""
    arrays = []
    for file in DOWNLOADS["fashion-mnist"].files:
        content = decompressed((folder / file.name).read_bytes())
        if hashlib.sha256(content).hexdigest() != file.sha256:
            sys.exit(f"{folder / file.name} is not the published file.")
        arrays.append(parse_idx(content))
    return arrays


def balanced(labels: np.ndarray, per_class: int, part: str) -> np.ndarray:
    """The places of ``per_class`` pictures of every class, ascending."""
    draw = np.random.default_rng(seed_for(0, "fashion-mini", part))
    places = [draw.permutation(np.flatnonzero(labels == k))[:per_class] for k in range(10)]
    return np.sort(np.concatenate(places))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEBIAN)
