"""Reading one picture file that nobody vouches for, by stated rules and within limits.

Rules: the first frame; EXIF orientation applied; transparency over white; 16-bit scaled to 8, not
cut; 32-bit and floating-point values stretched from their smallest to their largest unless they
already lie in 0..65535 or 0..1; any other colour space to RGB. Limits: known formats only, size
checked in the header before a pixel is decoded.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from vae_studio.domain.errors import StudioError
from vae_studio.imaging.window import Window

MAX_PIXELS = 64_000_000

#: Pillow's name of the formats we read, and the endings their files carry.
FORMATS = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg"),
    "MPO": (".jpg", ".jpeg"),  # a JPEG with a preview behind it, as some cameras write
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".pgm", ".ppm", ".pbm", ".pnm"),
}
OPENED = [name for name in FORMATS if name != "MPO"]  # Pillow opens an MPO as JPEG first
KNOWN = "PNG, JPEG, BMP, GIF, WebP, TIFF, PGM, PPM"
SUFFIXES = frozenset(suffix for suffixes in FORMATS.values() for suffix in suffixes)

Picture = NDArray[np.uint8]

# what Pillow warns about in damaged files would go to the terminal; here it is a reason or nothing
warnings.filterwarnings("ignore", module=r"PIL\.")


class PictureRefused(StudioError):  # noqa: N818 - a verdict on a file, listed with its reason
    """A file that is not taken in; the sentence is the reason, without the file's name."""


def decode_picture(path: Path, *, at_least: int = 0, window: Window | None = None) -> Picture:
    """The picture in a file as uint8 (H, W, C), C = 1 for grey and 3 for colour.

    ``at_least`` > 0 lets a large JPEG be decoded smaller, as long as both sides stay at least so
    many pixels: several times faster when it is shrunk afterwards. ``window`` says which values of
    a picture with more than 8 bits are shown, in place of the rules above. Raises PictureRefused.
    """
    if not os.path.isfile(path):
        raise PictureRefused("it is not a file (any more)")  # a pipe would block for ever
    try:
        with path.open("rb") as file:
            return _refusing(file, path, at_least, window)
    except OSError as error:
        raise PictureRefused(_system_reason(error)) from None


def decode_bytes(content: bytes, name: Path) -> Picture:
    """As ``decode_picture``, of a file out of an archive that is called ``name`` there."""
    return _refusing(io.BytesIO(content), name, 0, None)


def _refusing(file: BinaryIO, path: Path, at_least: int, window: Window | None) -> Picture:
    """The picture, or PictureRefused, whatever goes wrong."""
    try:
        if not file.read(1):
            raise PictureRefused("it is empty")
        file.seek(0)
        return _decoded(file, path, at_least, window)
    except PictureRefused:
        raise
    except UnidentifiedImageError:
        raise PictureRefused(f"it is not a picture in a known format ({KNOWN})") from None
    except Image.DecompressionBombError:
        raise PictureRefused(_too_large()) from None
    except MemoryError:
        raise PictureRefused("it needs more memory than there is") from None
    except OSError as error:
        raise PictureRefused(_system_reason(error)) from None
    except (ValueError, TypeError, SyntaxError, EOFError, ArithmeticError, LookupError,
            AttributeError, RuntimeError, NotImplementedError, struct.error) as error:  # fmt: skip
        # what Pillow's format readers raise on corrupt files is not written down anywhere
        raise PictureRefused(f"it is corrupt ({_first_line(error)})") from None


def _decoded(file: BinaryIO, path: Path, at_least: int, window: Window | None) -> Picture:
    with Image.open(file, formats=OPENED) as image:
        _check_header(image, path)
        if at_least and image.format in ("JPEG", "MPO"):
            image.draft(None, (at_least, at_least))
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return _pixels_of(image, window)


def _check_header(image: Image.Image, path: Path) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PictureRefused(_too_large(f"it has {width:,} × {height:,} pixels"))
    if path.suffix.lower() not in FORMATS[str(image.format)]:
        raise PictureRefused(
            f"its name says {path.suffix or 'nothing'} but it is a {image.format} file; rename it"
        )


def _pixels_of(image: Image.Image, window: Window | None) -> Picture:
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image)
        return (window.applied(values) if window else _scaled(values))[..., None]
    if image.has_transparency_data:
        image = _over_white(image)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))[..., None].copy()
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB")).copy()


def _over_white(image: Image.Image) -> Image.Image:
    grey = image.mode in ("1", "L", "LA", "La")
    layer = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return flat.convert("L" if grey else "RGB")


def _scaled(values: NDArray) -> Picture:
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)  # 65535 becomes 255
    finite = np.isfinite(values)
    if not finite.any():
        raise PictureRefused("it holds no finite value")
    exact = np.where(finite, values, values[finite].min()).astype(np.float64)
    low, high = exact.min(), exact.max()
    nominal = 1.0 if values.dtype.kind == "f" else 65535.0
    if low >= 0 and high <= nominal:
        low, high = 0.0, nominal
    span = high - low or 1.0
    return np.rint((exact - low) / span * 255).astype(np.uint8)


def _too_large(found: str = "it is far too large") -> str:
    return f"{found}; at most {MAX_PIXELS // 1_000_000} million are read"


def _system_reason(error: OSError) -> str:
    if error.errno is not None:
        return f"it cannot be read: {(error.strerror or str(error)).lower()}"
    if "truncated" in str(error):
        return "it is cut off before its end"
    return f"it is corrupt ({_first_line(error)})"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
