"""A ledger as it was asked for (台账一屏): read once from an address, for page, export and batch.

Whoever reads the same address as the same person gets the same filter, columns and order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import QueryDict

from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.views import LedgerLayout, LedgerView
from qingyuan.web.cases.selectors.columns import Column, shown
from qingyuan.web.cases.selectors.filters import narrowed, wanted_of
from qingyuan.web.cases.selectors.ledger import TABS, cases, in_tab, sorted_by
from qingyuan.web.cases.selectors.rules import current
from qingyuan.web.cases.selectors.turn import my_turn

__all__ = ["SIZES", "Screen", "screen", "standard_view", "views_for"]

SIZES = (20, 50, 100)


@dataclass(frozen=True, slots=True)
class Screen:
    """What the ledger shows: tab, filters, order, columns; `found` is before the tab, `listed` after."""

    tab: str
    wanted: Mapping[str, str]
    mine: bool
    sort: str
    view: LedgerView | None
    columns: list[Column]
    dense: bool
    size: int
    found: QuerySet[Case]
    listed: QuerySet[Case]

    @property
    def procedure(self) -> str:
        """The one procedure chosen, or nothing."""
        chosen = self.wanted.get("procedure", "")
        return chosen if chosen in current() else ""


def views_for(user: User) -> QuerySet[LedgerView]:
    """Return the views a person may use: the own ones, and those shared with the own unit."""
    shared = Q(shared_with=user.unit_id)
    return LedgerView.objects.filter(Q(owner=user) | shared).select_related("owner").order_by("pk")


def standard_view(user: User) -> LedgerView | None:
    """Return the view a person's ledger opens with."""
    return LedgerView.objects.filter(owner=user, standard=True).first()


def _view(user: User, asked: str) -> LedgerView | None:
    if not asked.isdecimal() or len(asked) > 12:
        return None
    return views_for(user).filter(pk=int(asked)).first()


def _tab(given: Mapping[str, str], *, narrow: bool) -> str:
    """Return the tab: as asked; without one, all when a filter came along, else in hand."""
    asked = given.get("ledger") or ""
    if asked in TABS:
        return asked
    return "all" if narrow else "handle"


def screen(given: QueryDict, *, user: User, scope: Scope, at: datetime) -> Screen:
    """Read an address as a person means it."""
    wanted = wanted_of(given)
    mine = given.get("mine") == "1"
    tab = _tab(given, narrow=bool(wanted) or mine)
    found = narrowed(cases(scope), at=at, **wanted)
    if mine:
        found = my_turn(found, user=user, at=at)
    view = _view(user, given.get("view") or "")
    procedure = wanted.get("procedure", "")
    layout = LedgerLayout.objects.filter(owner=user, procedure=procedure[:40]).first()
    kept = view or layout
    asked = given.get("size") or ""
    size = int(asked) if asked in map(str, SIZES) else layout.size if layout else 50
    sort = given.get("sort") or ""
    return Screen(
        tab=tab,
        wanted=wanted,
        mine=mine,
        sort=sort,
        view=view,
        columns=shown(procedure, kept.columns if kept else ()),
        dense=kept.dense if kept else False,
        size=size,
        found=found,
        listed=sorted_by(in_tab(found, tab), sort),
    )
