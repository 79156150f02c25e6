"""Where published sets are downloaded from, and by what their files are known to be right."""

from __future__ import annotations

from dataclasses import dataclass

from vae_studio.data.idx_source import QMNIST_STEMS, STEMS


@dataclass(frozen=True)
class PublishedFile:
    """One file to download; ``packed_bytes`` is what travels, about.

    ``sha256`` is over the *uncompressed* bytes, because mirrors and proxies repack archives. Where
    only the publisher's own ``md5`` is known, it is over the file as it travels: enough to tell
    damage and another edition, and our readers trust no byte anyway.
    """

    name: str
    sha256: str
    packed_bytes: int
    md5: str = ""


@dataclass(frozen=True)
class DownloadPlan:
    """Where a set comes from. ``folder`` is where it goes under a data folder; ``elsewhere`` ends
    the sentence that tells how else to get it.
    """

    mirrors: tuple[str, ...]
    folder: str
    files: tuple[PublishedFile, ...]
    elsewhere: str = ""


def known_by_md5(*files: tuple[str, int, str]) -> tuple[PublishedFile, ...]:
    """Files as (name, bytes, MD5)."""
    return tuple(PublishedFile(name, "", size, md5) for name, size, md5 in files)


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
    "kmnist": DownloadPlan(
        mirrors=("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        folder="KMNIST/raw",
        files=known_by_md5(
            (STEMS[0] + ".gz", 18_165_135, "bdb82020997e1d708af4cf47b453dcf7"),
            (STEMS[1] + ".gz", 29_497, "e144d726b3acfaa3e44228e80efcd344"),
            (STEMS[2] + ".gz", 3_041_136, "5c965bf0a639b31b8f53240b1b52f4d7"),
            (STEMS[3] + ".gz", 5_120, "7320c461ea6c1c855c0b718fb2a4b134"),
        ),
    ),
    "emnist": DownloadPlan(
        mirrors=("https://biometrics.nist.gov/cs_links/EMNIST/",),
        folder="EMNIST/raw",
        files=known_by_md5(("gzip.zip", 561_753_746, "58c8d27c78d21e728a6bc7b3cc06412e")),
    ),
    "qmnist": DownloadPlan(
        mirrors=("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
        folder="QMNIST/raw",
        files=known_by_md5(
            (QMNIST_STEMS[0] + ".gz", 9_704_059, "ed72d4157d28c017586c42bc6afe6370"),
            (QMNIST_STEMS[1] + ".gz", 463_024, "0058f8dd561b90ffdd0f734c6a30e5e4"),
            (QMNIST_STEMS[2] + ".gz", 9_742_279, "1394631089c404de565df7b7aeaf9412"),
            (QMNIST_STEMS[3] + ".gz", 526_800, "5b5b05890a5e13444e108efe57b788aa"),
        ),
    ),
    "usps": DownloadPlan(
        mirrors=("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",),
        folder="USPS",
        files=known_by_md5(
            ("usps.bz2", 6_579_383, "ec16c51db3855ca6c91edd34d0e9b197"),
            ("usps.t.bz2", 1_831_726, "8ea070ee2aca1ac39742fdd1ef5ed118"),
        ),
    ),
    "svhn": DownloadPlan(
        mirrors=("http://ufldl.stanford.edu/housenumbers/",),
        folder="SVHN",
        files=known_by_md5(
            ("train_32x32.mat", 182_040_794, "e26dedcc434d2e4c54c9b2d4a06d8373"),
            ("test_32x32.mat", 64_275_384, "eb5a983be6a315427106f1b164d9cef3"),
        ),
    ),
    "cifar10": DownloadPlan(
        mirrors=("https://www.cs.toronto.edu/~kriz/",),
        folder="CIFAR10",
        files=known_by_md5(
            ("cifar-10-binary.tar.gz", 170_052_171, "c32a1d4ab5d03f1284b67883e8d87530")
        ),
    ),
}
