"""Questions of exchange: a person sees what he or she brought and took, the coordinator everybody's."""

from __future__ import annotations

from django.db.models import QuerySet

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.exchange.models import Export, Import

__all__ = ["exports", "imports", "own_imports"]

_SEES_ALL = frozenset({"department_head"})


def imports(scope: Scope) -> QuerySet[Import]:
    """Return the imports a person may look at: the own ones; all of them from a seat at the bureau."""
    found = Import.objects.select_related("by").order_by("-at", "-pk")
    if scope.city and scope.roles & _SEES_ALL:
        return found
    return found.filter(by_id=scope.user_id)


def own_imports(scope: Scope) -> QuerySet[Import]:
    """Return what a person brought: only these may be confirmed or withdrawn."""
    return Import.objects.filter(by_id=scope.user_id).order_by("-at", "-pk")


def exports(scope: Scope) -> QuerySet[Export]:
    """Return what a person took; nobody else's file is handed out."""
    return Export.objects.filter(by_id=scope.user_id).order_by("-at", "-pk")
