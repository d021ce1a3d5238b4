"""A QR code as SVG, for the sign at the bank."""

from __future__ import annotations

import io

import segno
from django.utils.safestring import SafeString, mark_safe

__all__ = ["qr_svg"]


def qr_svg(text: str) -> SafeString:
    """Return the code of *text* with error correction Q (a quarter of it may be scratched)."""
    held = io.BytesIO()
    segno.make(text, error="q", micro=False).save(
        held, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, svgclass="qy-qr"
    )
    return mark_safe(held.getvalue().decode())
