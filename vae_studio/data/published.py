"""The sets with a name: a table. What is known about each stands here or in its own module."""

from __future__ import annotations

from string import ascii_uppercase

from vae_studio.data.celeba import CelebaSource
from vae_studio.data.cifar import CIFAR10
from vae_studio.data.downloads import DOWNLOADS
from vae_studio.data.idx import INT32
from vae_studio.data.idx_source import EMNIST_STEMS, QMNIST_STEMS, IdxSource
from vae_studio.data.med_table import MED_SETS
from vae_studio.data.medmnist import MedSource
from vae_studio.data.mosaic import MosaicSource
from vae_studio.data.shapes import ShapeWorld
from vae_studio.data.shapes_source import ShapesSource
from vae_studio.data.source import DataEntry, Source
from vae_studio.data.svhn import SVHN
from vae_studio.data.usps import USPS

DIGITS = tuple("0123456789")
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
           "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")  # fmt: skip


FASHION_MINI = MosaicSource(
    entry=DataEntry(
        name="fashion-mini",
        title="Fashion-MNIST, small",
        help="12,000 training and 2,000 test pictures of clothes, 28 × 28 grey, equally many of "
        "each of ten kinds. Comes with the app; needs no network.",
        licence="MIT, © 2017 Zalando SE",
        bundled=True,
    ),
    side=28,
    class_names=CLOTHES,
)

MNIST = IdxSource(
    entry=DataEntry(
        name="mnist",
        title="MNIST",
        help="60,000 training and 10,000 test pictures of handwritten digits, 28 × 28 grey: the "
        "set most published VAE figures are about.",
        licence="CC BY-SA 3.0, Yann LeCun, Corinna Cortes, Christopher Burges",
        downloadable=True,
    ),
    folders=("MNIST/raw", "mnist/raw", "MNIST", "mnist"),
    class_names=DIGITS,
    first_labels=(7, 2, 1, 0, 4, 1, 4, 9, 5, 9),
)

FASHION_MNIST = IdxSource(
    entry=DataEntry(
        name="fashion-mnist",
        title="Fashion-MNIST",
        help="60,000 training and 10,000 test pictures of clothes, 28 × 28 grey: as large as "
        "MNIST, and harder.",
        licence="MIT, © 2017 Zalando SE",
        downloadable=True,
    ),
    folders=("FashionMNIST/raw", "fashion-mnist", "fashion-mnist/raw", "FashionMNIST"),
    class_names=CLOTHES,
    first_labels=(9, 2, 1, 1, 6, 1, 4, 6, 5, 7),
)

KMNIST = IdxSource(
    entry=DataEntry(
        name="kmnist",
        title="Kuzushiji-MNIST",
        help="60,000 training and 10,000 test pictures of ten hiragana in classical Japanese "
        "handwriting, 28 × 28 grey: one sign, several quite different shapes.",
        licence="CC BY-SA 4.0, ROIS-DS Center for Open Data in the Humanities",
        downloadable=True,
    ),
    folders=("KMNIST/raw", "kmnist/raw", "KMNIST", "kmnist"),
    class_names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
)

EMNIST = IdxSource(
    entry=DataEntry(
        name="emnist",
        title="EMNIST, balanced",
        help="112,800 training and 18,800 test pictures of handwritten digits and letters, 28 × 28 "
        "grey, equally many of each of 47 kinds; letters that look alike in both cases are one.",
        licence="none stated; made from NIST Special Database 19 (public domain)",
        downloadable=True,
    ),
    folders=("EMNIST/raw", "emnist/raw", "EMNIST", "emnist"),
    class_names=(*DIGITS, *ascii_uppercase, *"abdefghnqrt"),
    stems=EMNIST_STEMS,
    archive="gzip.zip",
    transposed=True,
)

QMNIST = IdxSource(
    entry=DataEntry(
        name="qmnist",
        title="QMNIST",
        help="60,000 training and 60,000 test pictures of handwritten digits, 28 × 28 grey: MNIST "
        "made once more, with the 50,000 test pictures that were lost.",
        licence="BSD 3-Clause, © 2019 Facebook Inc.",
        downloadable=True,
    ),
    folders=("QMNIST/raw", "qmnist/raw", "QMNIST", "qmnist"),
    class_names=DIGITS,
    stems=QMNIST_STEMS,
    label_kind=INT32,
)

#: Every set with a name, in the order in which they are offered.
_ALL: tuple[Source, ...] = (
    FASHION_MINI, ShapesSource(ShapeWorld()), MNIST, FASHION_MNIST, KMNIST, EMNIST, QMNIST,
    USPS, SVHN, CIFAR10, CelebaSource(), *map(MedSource, MED_SETS),
)  # fmt: skip
SOURCES = {source.entry.name: source for source in _ALL}

# a set is offered for download exactly when there is a plan for it
assert DOWNLOADS.keys() == {
    name
    for name, source in SOURCES.items()
    if source.entry.downloadable and not isinstance(source, MedSource)  # those bring their own
}
