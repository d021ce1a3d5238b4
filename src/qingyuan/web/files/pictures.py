"""Pictures (照片): read what the camera wrote, and make a display copy without it."""

from __future__ import annotations

import io
import math
import struct
import warnings
from dataclasses import dataclass
from datetime import datetime

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem

__all__ = ["Picture", "read_picture"]

_MOST_PIXELS = 60_000_000
_DISPLAY_EDGE = 1920
_FORMATS = ("JPEG", "PNG", "WEBP", "MPO")
# What Pillow raises on bytes that only look like a picture; a broken EXIF block raises the rest.
_UNSOUND = (
    UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error, EOFError, KeyError,
    IndexError, TypeError, AttributeError, ArithmeticError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture says of itself, and its display copy as WebP bytes."""

    media_type: str
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    device: str
    display: bytes


def _degrees(value: object, ref: object) -> float | None:
    try:
        d, m, s = (float(x) for x in value)  # type: ignore[attr-defined]  # a triple of rationals
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    found = d + m / 60 + s / 3600
    most = 90 if str(ref).upper() in ("N", "S") else 180
    if not math.isfinite(found) or abs(found) > most:  # 0/0 is how a phone says it had no fix
        return None
    return -found if str(ref).upper() in ("S", "W") else found


def _taken_at(exif: Image.Exif) -> datetime | None:
    text = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(
        ExifTags.Base.DateTime
    )
    try:
        return datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").replace(tzinfo=CITY_TZ)
    except ValueError:
        return None


def _device(exif: Image.Exif) -> str:
    text = str(exif.get(ExifTags.Base.Model) or "")
    return "".join(c for c in text if c.isprintable()).strip()[:80]


def read_picture(content: bytes, *, name: str) -> Picture:
    """Open a picture, read its capture time and place, and re-encode it without metadata.

    Raises
    ------
    Problem
        ``files.not_a_picture`` if it does not open; ``files.too_many_pixels`` over 60 million.
    """
    try:
        with warnings.catch_warnings():  # of large pictures and odd EXIF: we ask for ourselves
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                if image.width * image.height <= _MOST_PIXELS:
                    return _read(image)
    except Image.DecompressionBombError:
        pass
    except _UNSOUND as error:
        raise Problem("files.not_a_picture", name=name) from error
    raise Problem("files.too_many_pixels", name=name, most=_MOST_PIXELS // 1_000_000)


def _read(image: Image.Image) -> Picture:
    exif = image.getexif()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef))
    lon = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef))
    shown = ImageOps.exif_transpose(image).convert("RGB")
    shown.thumbnail((_DISPLAY_EDGE, _DISPLAY_EDGE))
    shown.info.clear()  # Pillow hands a picture's own EXIF on when it saves
    out = io.BytesIO()
    shown.save(out, "WEBP", quality=82)
    kind = "jpeg" if image.format in ("JPEG", "MPO") else str(image.format).lower()
    whole = lon is not None and lat is not None
    return Picture(
        f"image/{kind}",
        shown.width,
        shown.height,
        _taken_at(exif),
        lon if whole else None,
        lat if whole else None,
        _device(exif),
        out.getvalue(),
    )
