"""Figures of petitions, by the definitions of casework (信访统计); each opens the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qingyuan.casework.statistics import CaseRow, Definition, Figure, definitions, figures
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.ledger import calendar
from qingyuan.web.petitions.models import CallBack, Petition
from qingyuan.web.petitions.selectors.ledger import category_label, narrowed, petitions
from qingyuan.web.petitions.selectors.settings import channel_label, parameter

__all__ = [
    "GROUP_LABELS",
    "NAMES",
    "FigureView",
    "GroupRow",
    "case_rows",
    "figures_by",
    "figures_of",
]

NAMES = ("closing_rate", "on_time_rate", "truth_rate", "satisfaction_rate", "solved_rate", "repeat_rate", "return_rate")  # fmt: skip
GROUP_LABELS = {
    "unit": _("按单位"), "district": _("按区市"), "category": _("按类别"), "channel": _("按渠道"),
    "month": _("按月"),
}  # fmt: skip
_ANSWERS = ("satisfaction_rate", "solved_rate")


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure with its definition and its rows' address."""

    figure: Figure
    definition: Definition
    href: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One unit, district, category, channel or month with its figures."""

    key: str
    label: str
    received: int
    closed: int
    answered: int
    unreached: int
    satisfaction: Figure
    solved: Figure
    href: str


def case_rows(found: Iterable[Petition]) -> list[tuple[Petition, CaseRow]]:
    """Return petitions as the statistics see them; the last answer of the citizen counts."""
    held = list(found)
    ids = [p.case_id for p in held]
    last: dict[int, CallBack] = {}
    for call in CallBack.objects.filter(petition__in=held).order_by("reached", "at", "pk"):
        last[call.petition_id] = call  # answered ones come after those not reached
    cases = {
        c.pk: c
        for c in Case.objects.filter(pk__in=ids)
        .select_related("unit")
        .prefetch_related("types", "clocks__extensions", "deeds")
        .defer("district__wkb")
    }
    return [(p, _row(p, cases[p.case_id], last.get(p.pk))) for p in held]


def _row(petition: Petition, case: Case, call: CallBack | None) -> CaseRow:
    clocks = [c for c in case.clocks.all() if c.name == "handle"]
    deeds = list(case.deeds.all())
    dues = [c.due_at for c in clocks if c.due_at]
    return CaseRow(
        number=case.number,
        opened_at=petition.received_at,
        unit=case.unit.name_zh if case.unit else "",
        district=case.district_id,
        channel=petition.channel,
        types=tuple(t.type for t in case.types.all()),
        truth=case.truth,
        # 报审时填“办结”不等于办结：未销号的只认阶段性办结
        progress=case.progress if case.closed_at or case.progress == "staged" else "",
        assigned_at=case.assigned_at,
        due_at=max(dues, default=None),
        extensions=sum(len(c.extensions.all()) for c in clocks),
        closed_at=case.closed_at,
        struck_at=case.closed_at,
        returns=sum(d.name == "send_back" for d in deeds),
        reopened=sum(d.name == "reopen" for d in deeds),
        satisfaction=("unreachable" if not call.reached else call.satisfaction) if call else "",  # type: ignore[arg-type]  # the column's choices are the craft's words
        solved=call.resolution == "solved" if call and call.reached else None,
        reports=petition.reports_count,
        place=(petition.lon, petition.lat)
        if petition.lon is not None and petition.lat is not None
        else None,
    )


def figures_of(
    scope: Scope, given: dict[str, str], *, at: datetime
) -> tuple[list[FigureView], list[tuple[Petition, CaseRow]]]:
    """Return the figures over what a filter leaves, and the rows they were made of."""
    pairs = case_rows(narrowed(petitions(scope), given).order_by("pk"))
    day = city_date(at)
    made = figures(
        [row for _, row in pairs], at=at, calendar=calendar(), names=NAMES,
        near_m=float(parameter("repeat_m", on=day)),
        within_days=int(parameter("repeat_days", on=day)),
    )  # fmt: skip
    query = urlencode({**{k: v for k, v in given.items() if v}, "tab": "all"})
    known = definitions()
    views = [FigureView(f, known[n], f"{reverse('petitions')}?{query}") for n, f in made.items()]
    return views, pairs


_KEYS: dict[str, Callable[[Petition, CaseRow], tuple[str, str]]] = {
    "unit": lambda p, r: (p.case.unit.code if p.case.unit else "", r.unit),
    "district": lambda p, r: (p.case.district_id, p.case.district.name),
    "category": lambda p, r: (p.category, p.category),
    "channel": lambda p, r: (p.channel, p.channel),
    "month": lambda p, r: (city_date(p.received_at).isoformat()[:7],) * 2,
}


def figures_by(
    by: str,
    pairs: list[tuple[Petition, CaseRow]],
    given: dict[str, str],
    *,
    at: datetime,
    english: bool,
) -> list[GroupRow]:
    """Return satisfaction and resolution by unit, district, category, channel or month (R052)."""
    groups: dict[tuple[str, str], list[CaseRow]] = {}
    for petition, row in pairs:
        groups.setdefault(_KEYS[by](petition, row), []).append(row)
    found = []
    for (key, name), rows in sorted(groups.items()):
        made = figures(rows, at=at, calendar=calendar(), names=_ANSWERS)
        label = name or "—"
        if by == "category":
            label = category_label(key, english=english)
        elif by == "channel":
            label = channel_label(key, on=city_date(at))
        query = urlencode({**{k: v for k, v in given.items() if v}, by: key, "tab": "all"})
        satisfied = made["satisfaction_rate"]
        found.append(
            GroupRow(
                key, label, len(rows), sum(r.closed_at is not None for r in rows),
                satisfied.denominator, sum(r.satisfaction == "unreachable" for r in rows),
                satisfied, made["solved_rate"], f"{reverse('petitions')}?{query}",
            )
        )  # fmt: skip
    return found
