"""Evidence of an invented city (演示佐证): small drawn scenes, never photographs of a real place."""

from __future__ import annotations

import io
from datetime import datetime
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from qingyuan.core.periods import in_city

__all__ = ["picture"]

_SIZE = (960, 720)
# kind of evidence → colour of the water, and whether the pipe runs
_SCENES = {
    "before_photo": ((104, 92, 58), True),
    "after_photo": ((84, 132, 150), False),
    "recheck_record": ((88, 136, 150), False),
    "measurement_back": ((80, 130, 156), False),
}
_USUAL = ((96, 112, 100), False)


def picture(kind: str, *, case: str, at: datetime) -> bytes:
    """Draw the bank below an outfall as JPEG bytes; the same call gives the same picture."""
    chance = Random(f"{case}/{kind}")
    water, runs = _SCENES.get(kind, _USUAL)
    image = Image.new("RGB", _SIZE, (196, 210, 218))
    draw = ImageDraw.Draw(image)
    width, height = _SIZE
    horizon = height * 2 // 5
    for y in range(horizon):
        shade = y * 40 // horizon
        draw.line([(0, y), (width, y)], fill=(168 + shade, 188 + shade, 204 + shade))
    hills = [(x, horizon - chance.randrange(20, 90)) for x in range(0, width + 60, 60)]
    draw.polygon([(0, horizon), *hills, (width, horizon)], fill=(112, 134, 112))
    for y in range(horizon, height):
        ripple = chance.randrange(-6, 7)
        draw.line([(0, y), (width, y)], fill=tuple(c + ripple for c in water))
    bank = [(0, height), (0, horizon + 60), (width // 2, horizon + 150), (width // 3, height)]
    draw.polygon(bank, fill=(140, 134, 118))
    x, y = width // 3 + 40, horizon + 120
    if runs:
        draw.polygon(
            [(x + 60, y + 40), (x + 120, y + 46), (x + 300, y + 260), (x + 120, y + 250)],
            fill=(74, 62, 40),
        )
    draw.ellipse([x, y, x + 84, y + 84], fill=(120, 120, 118), outline=(70, 70, 70), width=8)
    draw.ellipse([x + 16, y + 16, x + 68, y + 68], fill=(40, 38, 34))
    image = image.filter(ImageFilter.GaussianBlur(1.2))
    stamp = ImageDraw.Draw(image)
    stamp.rectangle([0, height - 44, width, height], fill=(20, 28, 26))
    stamp.text(
        (16, height - 32), f"{in_city(at):%Y-%m-%d %H:%M}   {case}   DEMO", fill=(236, 240, 236)
    )
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=82)
    return kept.getvalue()
