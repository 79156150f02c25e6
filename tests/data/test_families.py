"""The families beside MNIST, from tiny files in their real formats."""

from __future__ import annotations

import bz2
import gzip
import io
import pickle
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from vae_studio.data import cifar
from vae_studio.data.catalog import entries, host_and_size, is_present, load_splits
from vae_studio.data.downloads import DOWNLOADS
from vae_studio.data.idx import idx_bytes
from vae_studio.data.idx_source import EMNIST_STEMS, QMNIST_STEMS
from vae_studio.data.mat5 import read_mat
from vae_studio.domain.errors import StudioError

COUNT = 30


def pictures(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (COUNT, *shape)).astype(np.uint8)


def labels(classes: int = 10) -> np.ndarray:
    return (np.arange(COUNT) % classes).astype(np.uint8)


# EMNIST, QMNIST, KMNIST ---------------------------------------------------------------------------


def emnist_files() -> dict[str, bytes]:
    files = {}
    for stem in EMNIST_STEMS:
        array = pictures(28, 28) if "images" in stem else labels(47) + 17
        files[stem + ".gz"] = gzip.compress(idx_bytes(array))
    return files


@pytest.mark.parametrize("folder", ["EMNIST/raw", "emnist", "."])
def test_that_emnist_is_found_and_stands_upright(folder: str, tmp_path: Path) -> None:
    place = tmp_path / folder
    place.mkdir(parents=True, exist_ok=True)
    for name, content in emnist_files().items():
        (place / name).write_bytes(content)
    splits = load_splits("emnist", data_dir=tmp_path)
    np.testing.assert_array_equal(
        splits.test.images_NCHW[:, 0], pictures(28, 28).transpose(0, 2, 1)
    )
    assert splits.class_names[17] == "H"
    assert len(splits.class_names) == 47


def test_that_emnist_is_read_out_of_the_archive_it_comes_in(tmp_path: Path) -> None:
    place = tmp_path / "EMNIST" / "raw"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "gzip.zip", "w") as archive:
        archive.writestr("gzip/emnist-letters-mapping.txt", "1 65 97")
        for name, content in emnist_files().items():
            archive.writestr(f"gzip/{name}", content)
    splits = load_splits("emnist", data_dir=tmp_path)
    assert len(splits.train) + len(splits.validation) == len(splits.test) == COUNT
    assert sorted(path.name for path in place.iterdir()) == ["gzip.zip"]


def test_that_an_archive_without_the_set_is_named(tmp_path: Path) -> None:
    (tmp_path / "emnist").mkdir()
    with zipfile.ZipFile(tmp_path / "emnist" / "gzip.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(StudioError, match=r"gzip\.zip' does not hold emnist-balanced-train-images"):
        load_splits("emnist", data_dir=tmp_path)
    (tmp_path / "emnist" / "gzip.zip").write_bytes(b"PK\x03\x04 not much of an archive")
    with pytest.raises(StudioError, match=r"gzip\.zip' is damaged or no archive"):
        load_splits("emnist", data_dir=tmp_path)


def qmnist(folder: Path) -> Path:
    folder.mkdir(parents=True)
    table = np.zeros((COUNT, 8), ">i4")
    table[:, 0] = labels()
    table[:, 1:] = 77_777
    for stem in QMNIST_STEMS:
        content = idx_bytes(pictures(28, 28))
        if "labels" in stem:
            content = struct.pack(">4B2I", 0, 0, 0x0C, 2, *table.shape) + table.tobytes()
        (folder / (stem + ".gz")).write_bytes(gzip.compress(content))
    return folder


def test_that_qmnist_takes_the_first_of_its_eight_numbers_as_label(tmp_path: Path) -> None:
    qmnist(tmp_path / "QMNIST" / "raw")
    splits = load_splits("qmnist", data_dir=tmp_path)
    assert splits.test.labels_N.tolist() == labels().tolist()
    np.testing.assert_array_equal(splits.test.images_NCHW[:, 0], pictures(28, 28))


def test_that_bytes_where_whole_numbers_belong_are_named(tmp_path: Path) -> None:
    folder = qmnist(tmp_path / "qmnist")
    (folder / (QMNIST_STEMS[3] + ".gz")).write_bytes(gzip.compress(idx_bytes(labels())))
    with pytest.raises(StudioError, match=r"qmnist-test-labels.*not one of whole numbers"):
        load_splits("qmnist", data_dir=tmp_path)


def test_that_mnist_in_an_unnamed_folder_is_not_taken_for_kuzushiji(tmp_path, idx_folder) -> None:
    idx_folder(tmp_path)
    assert not is_present("kmnist", tmp_path)
    idx_folder(tmp_path / "KMNIST" / "raw")
    assert is_present("kmnist", tmp_path)
    assert load_splits("kmnist", data_dir=tmp_path).class_names[0] == "o"


# USPS ---------------------------------------------------------------------------------------------


def usps_text(values_NP: np.ndarray, labels_N: np.ndarray) -> str:
    """As LIBSVM writes it: zeros are left out."""
    lines = []
    for label, values in zip(labels_N, values_NP, strict=True):
        pairs = " ".join(f"{at}:{value:g}" for at, value in enumerate(values, 1) if value)
        lines.append(f"{label + 1} {pairs} ")
    return "\n".join(lines) + "\n"


def usps(folder: Path) -> np.ndarray:
    folder.mkdir(parents=True)
    values_NP = pictures(256).astype(np.float64) / 127.5 - 1
    values_NP[:, 7] = 0
    packed = bz2.compress(usps_text(values_NP, labels()).encode())
    for name in ("usps.bz2", "usps.t.bz2"):
        (folder / name).write_bytes(packed)
    return values_NP


def test_that_usps_is_read_from_its_text(tmp_path: Path) -> None:
    values_NP = usps(tmp_path / "USPS")
    splits = load_splits("usps", data_dir=tmp_path)
    assert splits.test.shape == (1, 16, 16)
    assert splits.test.labels_N.tolist() == labels().tolist()
    found = splits.test.images_NCHW.reshape(COUNT, 256)
    np.testing.assert_array_equal(found[:, 7], 128)  # left out means 0, between black and white
    np.testing.assert_allclose(found / 127.5 - 1, values_NP, atol=0.5 / 127.5 + 1e-4)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not bzip2", "damaged"),
        (bz2.compress(b"7 1:0.5 2:1")[:-8], "damaged: it ends too early"),
        (bz2.compress(b""), "damaged: it is empty"),
        (bz2.compress(b"7 257:0.5"), "damaged: line 1 is no picture"),
        (bz2.compress(b"7 1:0.5 2:3"), "damaged: it has values beyond"),
        (bz2.compress(b"12 1:0.5"), "damaged: it has values beyond"),
        (bz2.compress(b"7 1:nan"), "damaged: it has values beyond"),
        (bz2.compress(b"seven 1:0"), "damaged"),
        (bz2.compress("ä".encode()), "damaged"),
    ],
)
def test_that_a_bad_text_is_one_sentence(content: bytes, reason: str, tmp_path: Path) -> None:
    usps(tmp_path / "usps")
    (tmp_path / "usps" / "usps.t.bz2").write_bytes(content)
    with pytest.raises(
        StudioError, match=rf"usps\.t\.bz2' is damaged.*{reason}|{reason}"
    ) as caught:
        load_splits("usps", data_dir=tmp_path)
    assert "usps.t.bz2" in caught.value.sentence


# SVHN ---------------------------------------------------------------------------------------------


def element(kind: int, values: bytes) -> bytes:
    return struct.pack("<II", kind, len(values)) + values + bytes(-len(values) % 8)


def mat_array(name: str, array: np.ndarray, *, pack: bool) -> bytes:
    """One array of a MATLAB 5 file, written after the format's description."""
    kinds = {"uint8": (2, 9), "float64": (9, 6)}
    stored, matlab_class = kinds[str(array.dtype)]
    small_name = struct.pack("<HH4s", 1, len(name), name.encode())
    inside = (
        element(6, struct.pack("<II", matlab_class, 0))
        + element(5, struct.pack(f"<{array.ndim}i", *array.shape))
        + small_name
        + element(stored, array.tobytes(order="F"))
    )
    whole = element(14, inside)
    packed = zlib.compress(whole)
    return struct.pack("<II", 15, len(packed)) + packed if pack else whole


def mat_file(*arrays: bytes) -> bytes:
    return b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM" + b"".join(arrays)


def svhn(folder: Path, *, pack: bool) -> Path:
    folder.mkdir(parents=True)
    digits = labels().astype(np.float64)
    digits[digits == 0] = 10
    X = np.ascontiguousarray(pictures(32, 32, 3).transpose(1, 2, 3, 0))
    content = mat_file(
        mat_array("X", X, pack=pack), mat_array("y", digits[:, None].astype(np.uint8), pack=pack)
    )
    for name in ("train_32x32.mat", "test_32x32.mat"):
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("pack", [False, True])
def test_that_svhn_is_read_from_matlab_files(pack: bool, tmp_path: Path) -> None:
    svhn(tmp_path / "svhn", pack=pack)
    splits = load_splits("svhn", data_dir=tmp_path)
    np.testing.assert_array_equal(
        splits.test.images_NCHW, pictures(32, 32, 3).transpose(0, 3, 1, 2)
    )
    assert splits.test.labels_N.tolist() == labels().tolist()


def test_that_our_reader_agrees_with_scipy(tmp_path: Path) -> None:
    scipy_io = pytest.importorskip("scipy.io")
    path = tmp_path / "a.mat"
    wanted = {"one": np.arange(6.0).reshape(2, 3), "two": pictures(4, 5), "i": np.int32([[1, -2]])}
    for packed in (False, True):
        scipy_io.savemat(path, {**wanted, "text": "word", "z": np.array([[1j]])},
                         do_compression=packed)  # fmt: skip
        found = read_mat(path)
        assert found.keys() == wanted.keys()  # text and complex numbers are left out
        for name, array in wanted.items():
            np.testing.assert_array_equal(found[name], array)


def test_that_every_cut_of_a_matlab_file_is_one_sentence(tmp_path: Path) -> None:
    folder = svhn(tmp_path / "svhn", pack=False)
    path = folder / "test_32x32.mat"
    whole = path.read_bytes()
    for length in (0, 10, 127, 130, 140, 200, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:length])
        with pytest.raises(StudioError, match=r"test_32x32\.mat'"):
            load_splits("svhn", data_dir=tmp_path)


def test_that_a_matlab_file_of_another_kind_is_named(tmp_path: Path) -> None:
    folder = svhn(tmp_path / "svhn", pack=False)
    (folder / "test_32x32.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(200))
    with pytest.raises(StudioError, match=r"MATLAB 7\.3 file; save it again with '-v7'"):
        load_splits("svhn", data_dir=tmp_path)
    (folder / "test_32x32.mat").write_bytes(mat_file(mat_array("X", labels()[:, None], pack=True)))
    with pytest.raises(StudioError, match="holds no digits"):
        load_splits("svhn", data_dir=tmp_path)


# CIFAR-10 -----------------------------------------------------------------------------------------


def cifar_binary() -> dict[str, bytes]:
    records = np.concatenate([labels()[:, None], pictures(3072)], axis=1)
    return {f"{batch}.bin": records.tobytes() for batch in (*cifar.TRAIN, cifar.TEST)}


def cifar_python() -> dict[str, bytes]:
    """As Python 2 wrote them: text that is bytes, and an array through numpy's own functions."""
    rest = pickle.dumps({"batch_label": "x", "labels": labels().tolist(), "data": 0}, protocol=2)
    assert rest.endswith(b"K\x00u.")
    length = struct.pack("<I", COUNT * 3072)
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
        b"(K\x01M\x1e\x00M\x00\x0c\x86cnumpy\ndtype\n(U\x02u1K\x00K\x01tR\x89T"
    )
    array += length + pictures(3072).tobytes() + b"tb"
    content = rest[:-4] + array + b"u."
    return dict.fromkeys((*cifar.TRAIN, cifar.TEST), content)


def test_that_cifar_is_read_from_binary_files_and_archives(tmp_path: Path) -> None:
    folder = tmp_path / "folder" / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    packed = tmp_path / "packed" / "CIFAR10"
    packed.mkdir(parents=True)
    with tarfile.open(packed / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for name, content in cifar_binary().items():
            (folder / name).write_bytes(content)
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    splits = load_splits("cifar10", data_dir=folder.parent)
    assert (len(splits.train) + len(splits.validation), len(splits.test)) == (5 * COUNT, COUNT)
    np.testing.assert_array_equal(splits.test.images_NCHW.reshape(COUNT, -1), pictures(3072))
    assert splits.class_names[labels()[6]] == "frog"
    assert load_splits("cifar10", data_dir=packed.parent).fingerprint == splits.fingerprint


def test_that_cifar_is_read_from_pickles_that_are_never_run(tmp_path: Path) -> None:
    for folder, files in (("bin", cifar_binary()), ("py", cifar_python())):
        place = tmp_path / folder / f"cifar-10-batches-{folder}"
        place.mkdir(parents=True)
        for name, content in files.items():
            (place / name).write_bytes(content)
    loaded = pickle.loads(cifar_python()[cifar.TEST], encoding="latin-1")  # it is a real one
    np.testing.assert_array_equal(loaded["data"], pictures(3072))
    splits = load_splits("cifar10", data_dir=tmp_path / "py")
    other = load_splits("cifar10", data_dir=tmp_path / "bin")
    assert splits.fingerprint == other.fingerprint


def test_that_a_pickle_that_would_run_a_program_runs_nothing(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    class Evil:
        def __reduce__(self):
            return (open, (str(trap), "w"))

    bomb = pickle.dumps({"labels": [1, 2], "data": Evil()}, protocol=2)
    pickle.loads(bomb)["data"].close()
    assert trap.exists()  # run as a pickle it does spring
    trap.unlink()
    place = tmp_path / "cifar-10-batches-py"
    place.mkdir()
    for name in cifar_python():
        (place / name).write_bytes(bomb)
    with pytest.raises(StudioError, match=r"'data_batch_1' in .*bytes of pixels and 2 labels"):
        load_splits("cifar10", data_dir=tmp_path)
    assert not trap.exists()


@pytest.mark.parametrize("content", [b"", b"x", bytes(3072), b"\x0a" + bytes(3072)])
def test_that_a_bad_batch_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "cifar-10-batches-bin"
    place.mkdir()
    for name, good in cifar_binary().items():
        (place / name).write_bytes(good)
    (place / "data_batch_3.bin").write_bytes(content)
    with pytest.raises(StudioError, match=r"'data_batch_3\.bin' in .*is damaged"):
        load_splits("cifar10", data_dir=tmp_path)


def test_that_a_link_in_an_archive_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(3073))
    with tarfile.open(tmp_path / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for name in cifar_binary():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
            archive.addfile(info)
    with pytest.raises(StudioError, match=r"does not hold data_batch_1\.bin"):
        load_splits("cifar10", data_dir=tmp_path)


# All ----------------------------------------------------------------------------------------------


def test_that_a_missing_set_says_how_to_get_it() -> None:
    for entry in entries():
        if entry.downloadable:
            with pytest.raises(StudioError, match="not on this computer") as caught:
                load_splits(entry.name)
            assert host_and_size(entry.name).sentence in caught.value.sentence


def test_that_every_published_file_can_be_checked() -> None:
    for plan in DOWNLOADS.values():
        for file in plan.files:
            assert len(file.sha256) == 64 or (not file.sha256 and len(file.md5) == 32)
            assert set(file.sha256 + file.md5) <= set("0123456789abcdef")
            assert file.packed_bytes > 1_000
