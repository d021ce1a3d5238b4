"""Keep how people see their ledgers: views with a name, and the columns of each procedure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models.views import LedgerLayout, LedgerView

__all__ = ["MOST_VIEWS", "drop_view", "keep_layout", "keep_view"]

MOST_VIEWS = 50


@transaction.atomic
def keep_view(
    *,
    by: User,
    name: str,
    query: str,
    columns: Sequence[str],
    dense: bool,
    shared: bool,
    standard: bool,
    at: datetime,
) -> LedgerView:
    """Keep a filter and its columns under a name (保存视图); the same name again replaces it.

    Raises
    ------
    Problem
        ``cases.view_unnamed``; ``cases.too_many_views``.
    """
    name = " ".join(name.split())[:40]
    if not name:
        raise Problem("cases.view_unnamed")
    User.objects.select_for_update().get(pk=by.pk)  # one person, one standard view
    own = LedgerView.objects.filter(owner=by)
    if not own.filter(name=name).exists() and own.count() >= MOST_VIEWS:
        raise Problem("cases.too_many_views", most=MOST_VIEWS)
    if standard:
        own.exclude(name=name).update(standard=False)
    kept, _ = LedgerView.objects.update_or_create(
        owner=by,
        name=name,
        defaults={
            "query": query[:1000],
            "columns": list(columns),
            "dense": dense,
            "shared_with": by.unit if shared else None,
            "standard": standard,
            "changed_at": at,
        },
    )
    return kept


def drop_view(*, by: User, pk: int) -> None:
    """Drop a view of one's own; another's stays."""
    LedgerView.objects.filter(owner=by, pk=pk).delete()


def keep_layout(
    *,
    by: User,
    procedure: str,
    columns: Sequence[str],
    dense: bool,
    size: int,
    reset: bool = False,
) -> None:
    """Keep the columns a person chose for the ledger of one procedure; *reset* goes back to the usual."""
    if reset:
        LedgerLayout.objects.filter(owner=by, procedure=procedure[:40]).delete()
        return
    LedgerLayout.objects.update_or_create(
        owner=by,
        procedure=procedure[:40],
        defaults={"columns": list(columns), "dense": dense, "size": size},
    )
