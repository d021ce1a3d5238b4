"""Small pictures for evidence."""

from __future__ import annotations

import io

from PIL import Image

from qingyuan.web.cases.services import Upload

__all__ = ["photo", "uploads"]


def photo(colour: str = "green") -> bytes:
    """Return the bytes of a small picture."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(kept, "JPEG")
    return kept.getvalue()


def uploads(*kinds: str) -> list[Upload]:
    return [Upload(kind, f"{kind}.jpg", photo()) for kind in kinds]
