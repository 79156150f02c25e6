"""DICOM files written by the test: pixels, windows, patients, and what is refused."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from vae_studio.data import dicom_source
from vae_studio.data.catalog import load_splits
from vae_studio.data.dicom_source import holds_dicom
from vae_studio.domain.errors import StudioError

PATIENTS, SLICES = 6, 5


def write(path: Path, values: np.ndarray, **tags: object) -> Path:
    """A small CT slice; every tag may be said otherwise."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    made = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    frames = tags.get("NumberOfFrames")
    rows, columns = values.shape[1:3] if frames else values.shape[:2]
    facts = {
        "SOPClassUID": meta.MediaStorageSOPClassUID,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "PatientID": "p", "PatientName": "Doe^Jane", "Modality": "CT", "BurnedInAnnotation": "NO",
        "Rows": rows, "Columns": columns, "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2", "BitsAllocated": 8 * values.itemsize,
        "BitsStored": 12 if values.itemsize == 2 else 8,
        "HighBit": 11 if values.itemsize == 2 else 7,
        "PixelRepresentation": int(values.dtype.kind == "i"),
        "RescaleSlope": 1, "RescaleIntercept": 0, "WindowCenter": 2048, "WindowWidth": 4096,
        **tags,
    }  # fmt: skip
    for name, value in facts.items():
        if value is not None:
            setattr(made, name, value)
    made.PixelData = values.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path, enforce_file_format=True)
    return path


def series(folder: Path, **tags: object) -> Path:
    """Thirty slices of six patients; the value of a picture says whose and which it is."""
    for patient in range(PATIENTS):
        for at in range(SLICES):
            values = np.full((8, 8), 16 * (8 * patient + at), np.uint16)
            name = folder / f"study{patient}" / f"IM{at:04}.dcm"
            write(name, values, **{"PatientID": f"p{patient}", **tags})
    return folder


def values_of(part) -> np.ndarray:
    """The number 8 · patient + slice of every picture."""
    return np.rint(part.images_NCHW[:, 0, 0, 0] / 255 * 4096 / 16).astype(int)


def test_that_a_series_is_split_by_patient(tmp_path: Path) -> None:
    splits = load_splits(str(series(tmp_path / "ct")), size=8)
    parts = [values_of(part) for part in (splits.train, splits.validation, splits.test)]
    assert sorted(np.concatenate(parts)) == [8 * p + s for p in range(6) for s in range(5)]
    whose = [set(part // 8) for part in parts]
    assert [len(patients) for patients in whose] == [4, 1, 1]
    assert sum(map(len, whose)) == len(set.union(*whose))
    assert splits.notes == ()
    assert splits.name == "folder:ct"


def test_that_nothing_of_a_patient_leaves_the_reader(tmp_path: Path, caplog, recwarn) -> None:
    """Not even the words in which pydicom complains about a file, which quote it."""
    folder = series(tmp_path / "ct", PatientName="Canary^Jane")
    whole = (folder / "study0" / "IM0000.dcm").read_bytes()
    at = whole.index(b"MONOCHROME2")
    for number in range(10, 40):
        hurt = bytearray(whole)
        hurt[at - number] ^= 0x55
        (folder / f"z{number}.dcm").write_bytes(hurt)
    splits = load_splits(str(folder), size=8)
    warned = [str(warning.message) for warning in recwarn]
    told = repr([splits.name, splits.title, splits.notes, splits.class_names, caplog.text, warned])
    assert "were skipped" in told
    assert "Canary" not in told


@pytest.mark.parametrize(
    ("tags", "value", "shown"),
    [
        ({}, 2048, 128),
        ({"WindowCenter": 40, "WindowWidth": 400, "RescaleIntercept": -1024}, 1064, 128),
        ({"WindowCenter": 40, "WindowWidth": 400, "RescaleIntercept": -1024}, 864, 0),
        ({"WindowCenter": 40, "WindowWidth": 400, "RescaleSlope": 2, "RescaleIntercept": 0}, 120,
         255),
        ({"WindowCenter": [40, 600], "WindowWidth": [400, 2800]}, 40, 128),
        ({"WindowCenter": None, "WindowWidth": None}, 4095, 255),
        ({"WindowCenter": None, "WindowWidth": None}, 0, 0),
        ({"PhotometricInterpretation": "MONOCHROME1"}, 4095, 0),
        ({"PhotometricInterpretation": "MONOCHROME1"}, 0, 255),
    ],
)  # fmt: skip
def test_that_values_are_shown_as_the_file_says(
    tags: dict, value: int, shown: int, tmp_path: Path
) -> None:
    from vae_studio.data.dicom import read_frames

    path = write(tmp_path / "a.dcm", np.full((4, 4), value, np.uint16), **tags)
    frames, _ = read_frames(path, None)
    assert frames.shape == (1, 4, 4, 1)
    assert abs(int(frames[0, 0, 0, 0]) - shown) <= 1


def test_that_a_window_of_ones_own_goes_first_and_signs_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "ct"
    for patient in range(12):
        values = np.full((8, 8), (-1000, 40, 900)[patient % 3], np.int16)
        write(folder / f"{patient}", values, PatientID=f"p{patient}")
    assert holds_dicom(folder)  # by their content: the names say nothing
    splits = load_splits(f"{folder},window=400,level=40", size=8)
    parts = (splits.train, splits.validation, splits.test)
    found = np.concatenate([part.images_NCHW[:, 0, 0, 0] for part in parts])
    assert np.unique(found).tolist() == [0, 128, 255]


def test_that_every_frame_of_a_file_is_a_picture(tmp_path: Path) -> None:
    folder = tmp_path / "us"
    for patient in range(4):
        frames = np.full((5, 8, 8), 10 * patient, np.uint8) + np.arange(5, dtype=np.uint8)[
            :, None, None
        ]  # fmt: skip
        write(folder / f"{patient}.dcm", frames, PatientID=f"p{patient}", NumberOfFrames=5,
              WindowCenter=127.5, WindowWidth=255)  # fmt: skip
    splits = load_splits(str(folder), size=8)
    parts = [
        part.images_NCHW[:, 0, 0, 0] for part in (splits.train, splits.validation, splits.test)
    ]
    assert sorted(np.concatenate(parts)) == [10 * p + f for p in range(4) for f in range(5)]
    assert [len(set(part // 10)) for part in parts] == [2, 1, 1]


def test_that_colour_is_read(tmp_path: Path) -> None:
    from vae_studio.data.dicom import read_frames

    values = np.zeros((4, 4, 3), np.uint8)
    values[..., 0] = 200
    path = write(tmp_path / "a.dcm", values, SamplesPerPixel=3, PlanarConfiguration=0,
                 PhotometricInterpretation="RGB")  # fmt: skip
    frames, facts = read_frames(path, None)
    assert frames[0, 0, 0].tolist() == [200, 0, 0]
    assert not facts.whole_range


@pytest.mark.parametrize(
    ("tags", "note"),
    [
        (
            {"BurnedInAnnotation": "YES"},
            "30 of 30 files say, or leave open, that writing is burned",
        ),
        ({"BurnedInAnnotation": None, "Modality": "US"}, "30 of 30 files say, or leave open"),
        ({"PatientID": None}, "30 files do not say whose they are; each folder counts as one"),
        ({"WindowCenter": None, "WindowWidth": None}, "30 files name no window"),
    ],
)
def test_that_what_the_person_must_know_is_told(tags: dict, note: str, tmp_path: Path) -> None:
    splits = load_splits(str(series(tmp_path / "ct", **tags)), size=8)
    assert splits.notes[0].startswith(note)
    assert len(splits.notes) == 1


def test_that_bad_files_are_skipped_with_their_reasons(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct")
    whole = (folder / "study0" / "IM0000.dcm").read_bytes()
    (folder / "z-cut.dcm").write_bytes(whole[:-100])
    (folder / "z-none.dcm").write_bytes(b"not at all")
    (folder / "DICOMDIR").write_bytes(whole)
    write(folder / "z-palette.dcm", np.zeros((4, 4), np.uint8),
          PhotometricInterpretation="PALETTE COLOR")  # fmt: skip
    write(folder / "z-huge.dcm", np.zeros((4, 4), np.uint8), Rows=60_000, Columns=60_000)
    splits = load_splits(str(folder), size=8)
    assert splits.notes[0] == "4 of 34 pictures were skipped."
    told = "\n".join(splits.notes)
    for name, reason in (
        ("z-cut.dcm", "it is damaged"), ("z-none.dcm", "it is no DICOM file"),
        ("z-palette.dcm", "its colours (PALETTE COLOR) are not read"),
        ("z-huge.dcm", "far too large"),
    ):  # fmt: skip
        line = next(line for line in told.splitlines() if line.startswith(name))
        assert reason in line


@pytest.mark.filterwarnings("ignore")  # the app does so, too; pytest takes that back
def test_that_flipped_bytes_never_crash(tmp_path: Path) -> None:
    from vae_studio.data.dicom import read_frames
    from vae_studio.imaging.decode import PictureRefused

    path = write(tmp_path / "a.dcm", np.zeros((8, 8), np.uint16))
    whole, draw, refused = path.read_bytes(), np.random.default_rng(0), 0
    for _ in range(150):
        hurt = bytearray(whole)
        for at in draw.integers(128, len(hurt) - 128, 2):
            hurt[at] = int(draw.integers(0, 256))
        path.write_bytes(hurt)
        try:
            read_frames(path, None)
        except PictureRefused:
            refused += 1
    assert refused > 20


def test_that_one_patient_alone_is_one_sentence(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct", PatientID="the one")
    with pytest.raises(StudioError, match="of 1 patient; three are needed"):
        load_splits(str(folder))


def test_that_labels_come_from_a_table(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct")
    rows = [
        f"study{p}/IM{s:04}.dcm,{'ill' if p % 2 else 'well'}" for p in range(6) for s in range(5)
    ]
    (folder / "labels.csv").write_text("\n".join(["file,label", *rows]))
    splits = load_splits(str(folder), size=8)
    assert splits.class_names == ("ill", "well")
    for part in (splits.train, splits.validation, splits.test):
        np.testing.assert_array_equal(part.labels_N, 1 - values_of(part) // 8 % 2)


def test_that_pictures_beside_a_note_are_no_dicom(class_folder: Path) -> None:
    assert not holds_dicom(class_folder)
    (class_folder / "README").write_text("about these pictures")
    assert not holds_dicom(class_folder)


def test_that_a_missing_extra_says_how_to_get_it(tmp_path: Path, monkeypatch) -> None:
    folder = series(tmp_path / "ct")
    real = importlib.util.find_spec
    monkeypatch.setattr(
        dicom_source, "find_spec", lambda name: None if name == "pydicom" else real(name)
    )
    with pytest.raises(
        StudioError, match=r"needs pydicom: install it with pip install 'vae-studio"
    ):
        load_splits(str(folder))
