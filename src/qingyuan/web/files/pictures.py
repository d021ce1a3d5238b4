"""Pictures (照片): read what the camera wrote, and make a display copy without it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem

__all__ = ["Picture", "read_picture"]

_MOST_PIXELS = 60_000_000
_DISPLAY_EDGE = 1920
Image.MAX_IMAGE_PIXELS = _MOST_PIXELS


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
    return -found if str(ref).upper() in ("S", "W") else found


def _taken_at(exif: Image.Exif) -> datetime | None:
    text = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(
        ExifTags.Base.DateTime
    )
    try:
        return datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S").replace(tzinfo=CITY_TZ)
    except ValueError:
        return None


def read_picture(content: bytes, *, name: str) -> Picture:
    """Open a picture, read its capture time and place, and re-encode it without metadata.

    Raises
    ------
    Problem
        ``files.not_a_picture`` if it does not open; ``files.too_many_pixels`` over 60 million.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "MPO")) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise Problem("files.too_many_pixels", name=name, most=_MOST_PIXELS // 1_000_000)
            exif = image.getexif()
            gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
            lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef))
            lon = _degrees(
                gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef)
            )
            shown = ImageOps.exif_transpose(image).convert("RGB")
            shown.thumbnail((_DISPLAY_EDGE, _DISPLAY_EDGE))
            out = io.BytesIO()
            shown.save(out, "WEBP", quality=82)
            media = (
                "image/jpeg"
                if image.format in ("JPEG", "MPO")
                else f"image/{str(image.format).lower()}"
            )
            whole = lon is not None and lat is not None
            return Picture(
                media,
                shown.width,
                shown.height,
                _taken_at(exif),
                lon if whole else None,
                lat if whole else None,
                str(exif.get(ExifTags.Base.Model) or "").strip("\x00 ")[:80],
                out.getvalue(),
            )
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:
        raise Problem("files.not_a_picture", name=name) from error
