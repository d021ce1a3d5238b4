"""How a file leaves the house; whoever calls this has already asked whether the reader may."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404

from qingyuan.web.files.models import Attachment

__all__ = ["serve"]


def serve(attachment: Attachment, *, original: bool = False) -> FileResponse:
    """Return the display copy (inline) or the original (as a download), sandboxed.

    What the scanner has not cleared, where one is set, is not there.
    """
    if attachment.is_shut:
        raise Http404
    inline = attachment.is_image and not original
    place = attachment.display if inline else attachment.original
    path = settings.FOLDER.files / place
    if not path.is_file():
        raise Http404
    response = FileResponse(
        path.open("rb"),
        as_attachment=not inline,
        filename=attachment.name,
        content_type="image/webp" if inline else attachment.media_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
