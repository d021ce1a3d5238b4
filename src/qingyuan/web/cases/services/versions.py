"""Keep the text of the procedures cases run on."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from qingyuan import casework
from qingyuan.core.problems import Problem
from qingyuan.web.cases.models import ProcedureVersion

__all__ = ["version_of"]


def version_of(name: str, *, at: datetime) -> ProcedureVersion:
    """Return the version new cases of procedure *name* begin on, keeping its text on first use."""
    shipped = casework.shipped().get(name)
    if shipped is None:
        raise Problem("cases.unknown_procedure", given=name, known=", ".join(casework.shipped()))
    kept = ProcedureVersion.objects.filter(digest=shipped.digest).first()
    if kept is None:
        text = (files("qingyuan.casework") / "procedures" / shipped.source).read_text("utf-8")
        kept, _ = ProcedureVersion.objects.get_or_create(
            digest=shipped.digest,
            defaults={
                "name": shipped.name,
                "version": shipped.version,
                "text": text,
                "recorded_at": at,
            },
        )
    return kept
