"""The published sets and the bundled one: a table. What is known about each stands here only."""

from __future__ import annotations

from dataclasses import dataclass

from vae_studio.data.idx_source import STEMS, IdxSource
from vae_studio.data.mosaic import MosaicSource
from vae_studio.data.shapes import ShapeWorld
from vae_studio.data.shapes_source import ShapesSource
from vae_studio.data.source import DataEntry, Source


@dataclass(frozen=True)
class PublishedFile:
    """One file to download. ``sha256`` is over the *uncompressed* bytes, because mirrors and
    proxies repack archives; ``packed_bytes`` is what travels, about.
    """

    name: str
    sha256: str
    packed_bytes: int


@dataclass(frozen=True)
class DownloadPlan:
    """Where a set comes from. ``folder`` is where it goes under a data folder; ``elsewhere`` ends
    the sentence that tells how else to get it.
    """

    mirrors: tuple[str, ...]
    folder: str
    files: tuple[PublishedFile, ...]
    elsewhere: str = ""


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

#: Every set with a name, in the order in which they are offered.
SOURCES: dict[str, Source] = {
    source.entry.name: source
    for source in (FASHION_MINI, ShapesSource(ShapeWorld()), MNIST, FASHION_MNIST)
}

DOWNLOADS = {
    "mnist": DownloadPlan(
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        folder="MNIST/raw",
        files=(
            PublishedFile(
                STEMS[0] + ".gz",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                9_912_422,
            ),
            PublishedFile(
                STEMS[1] + ".gz",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                28_881,
            ),
            PublishedFile(
                STEMS[2] + ".gz",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                1_648_877,
            ),
            PublishedFile(
                STEMS[3] + ".gz",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                4_542,
            ),
        ),
    ),
    "fashion-mnist": DownloadPlan(
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        ),
        folder="FashionMNIST/raw",
        files=(
            PublishedFile(
                STEMS[0] + ".gz",
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                26_421_880,
            ),
            PublishedFile(
                STEMS[1] + ".gz",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                29_515,
            ),
            PublishedFile(
                STEMS[2] + ".gz",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                4_422_102,
            ),
            PublishedFile(
                STEMS[3] + ".gz",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
                5_148,
            ),
        ),
        elsewhere="on Debian or Ubuntu `sudo apt-get install dataset-fashion-mnist` brings it",
    ),
}
# a set is offered for download exactly when there is a plan for it
assert DOWNLOADS.keys() == {n for n, s in SOURCES.items() if s.entry.downloadable}
