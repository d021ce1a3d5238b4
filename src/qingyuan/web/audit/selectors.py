"""Questions to the audit trail."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.web.audit.models import Entry

__all__ = ["entries", "entries_of"]


def entries(*, text: str = "", deed: str = "") -> QuerySet[Entry]:
    """Return entries newest first, narrowed by deed and by text in actor, target or clause."""
    found = Entry.objects.order_by("-seq")
    if deed:
        found = found.filter(deed=deed)
    if text:
        found = found.filter(
            Q(actor_label__icontains=text) | Q(target__icontains=text) | Q(clause__icontains=text)
        )
    return found


def entries_of(target: str) -> QuerySet[Entry]:
    """Return the entries of one thing, oldest first."""
    return Entry.objects.filter(target=target).order_by("seq")
