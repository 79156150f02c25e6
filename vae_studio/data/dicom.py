"""Frames out of one DICOM file, by pydicom (https://pydicom.github.io, DICOM PS3.3 C.7.6.3)."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pydicom.config
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.multival import MultiValue

from vae_studio.data.image_set import Pictures
from vae_studio.imaging.decode import MAX_PIXELS, PictureRefused
from vae_studio.imaging.window import Window

#: Devices that write on their pictures; silence about burned-in text is no assurance there.
WRITERS = frozenset({"US", "SC", "XA", "RF", "ES", "OT"})
COLOURS = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
UNREADABLE = "it is damaged, or packed in a way that pydicom alone cannot read"

# what pydicom says about odd files quotes them: names of patients would reach logs and terminals
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
warnings.filterwarnings("ignore", module=r"(pydicom\.|vae_studio\.data\.dicom)")


@dataclass(frozen=True)
class Facts:
    """What is kept of a file while a folder is read, and no longer."""

    patient: str
    text_burned_in: bool
    whole_range: bool


def read_frames(path: Path, window: Window | None) -> tuple[Pictures, Facts]:
    """The frames (N, H, W, 1 or 3) in a file as bytes, black for little and white for much, shown
    in ``window``, else in the file's own, else whole. Raises PictureRefused.
    """
    try:
        header = pydicom.dcmread(path)
        _check_size(header)
        return _frames(header, window)
    except PictureRefused:
        raise
    except InvalidDicomError:
        raise PictureRefused("it is no DICOM file") from None
    except MemoryError:
        raise PictureRefused("it needs more memory than there is") from None
    except Exception:
        # and its words may quote what stands in the file
        raise PictureRefused(UNREADABLE) from None


def _check_size(header: Dataset) -> None:
    if "PixelData" not in header:
        raise PictureRefused("it holds no picture")
    frames = int(header.get("NumberOfFrames") or 1)
    pixels = frames * int(header.Rows) * int(header.Columns)
    if pixels > MAX_PIXELS * 8:
        raise PictureRefused(f"its {frames:,} frames are far too large")


def _frames(header: Dataset, window: Window | None) -> tuple[Pictures, Facts]:
    kind = str(header.get("PhotometricInterpretation", ""))
    values = header.pixel_array
    if int(header.get("NumberOfFrames") or 1) == 1:
        values = values[None]
    facts = Facts(
        patient=str(header.get("PatientID") or "").strip(),
        text_burned_in=_text_burned_in(header),
        whole_range=kind not in COLOURS and not window and _own_window(header) is None,
    )
    if kind in COLOURS:
        return _coloured(values, header, kind), facts
    if kind not in ("MONOCHROME1", "MONOCHROME2"):
        raise PictureRefused(f"its colours ({kind or 'not named'}) are not read")
    return _grey(values, header, window, inverted=kind == "MONOCHROME1")[..., None], facts


def _grey(
    values: NDArray, header: Dataset, window: Window | None, *, inverted: bool
) -> NDArray[np.uint8]:
    slope = float(header.get("RescaleSlope") or 1)
    intercept = float(header.get("RescaleIntercept") or 0)
    shown = (window or _own_window(header) or _whole_range(header, slope, intercept)).applied(
        values * slope + intercept
    )
    return 255 - shown if inverted else shown


def _own_window(header: Dataset) -> Window | None:
    """The first window that the file proposes."""
    width, level = header.get("WindowWidth"), header.get("WindowCenter")
    width, level = (
        value[0] if isinstance(value, MultiValue) and value else value for value in (width, level)
    )
    if width is None or level is None or not float(width) > 0:
        return None
    return Window(float(width), float(level))


def _whole_range(header: Dataset, slope: float, intercept: float) -> Window:
    """All values that the stored bits can have, so that slices stay comparable."""
    bits = int(header.BitsStored)
    low = -(2 ** (bits - 1)) if header.get("PixelRepresentation") else 0
    width = (2**bits - 1) * abs(slope)
    return Window(width, (low + (2**bits - 1) / 2) * slope + intercept)


def _coloured(values: NDArray, header: Dataset, kind: str) -> Pictures:
    if values.dtype != np.uint8:
        raise PictureRefused("its colours have more than 8 bits and are not read")
    if kind == "RGB":
        return values
    from pydicom.pixels import convert_color_space

    return np.asarray(convert_color_space(values, kind, "RGB"), np.uint8)


def _text_burned_in(header: Dataset) -> bool:
    said = str(header.get("BurnedInAnnotation") or "").upper()
    return said == "YES" or (said != "NO" and str(header.get("Modality")) in WRITERS)
