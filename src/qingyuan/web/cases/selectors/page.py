"""Everything a case page shows: rail, clocks with their reasons, timeline, deeds, checklist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.casework import clocks
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case, CaseClock, Deed, EvidenceLink, ProblemItem
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.facts import actor_of, facts_of
from qingyuan.web.cases.selectors.turn import is_onward, next_roles
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.registry import selectors as registry

__all__ = ["CasePage", "ClockView", "TimelineRow", "buttons", "case_page", "clock_views", "said"]


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock as a reader sees it."""

    name: str
    label: str
    due: datetime | None
    last_day: date | None
    left: int | None
    standing: str
    paused: bool
    stopped: datetime | None
    rule: str
    clause: str
    mark: str
    pauses: tuple[clocks.Pause, ...]
    extensions: tuple[clocks.Extension, ...]


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One deed on the timeline: who, when, what was said, under which clause, with which files."""

    deed: Deed
    label: str
    kind: str
    said: tuple[tuple[str, str], ...]
    evidence: tuple[EvidenceLink, ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case as one person sees it at one moment."""

    case: Case
    rail: tuple[tuple[str, str, str], ...]
    clocks: tuple[ClockView, ...]
    main_clock: ClockView | None
    timeline: tuple[TimelineRow, ...]
    problems: tuple[ProblemItem, ...]
    deeds: tuple[casework.Deed, ...]
    needs: tuple[tuple[str, bool], ...]
    waits_for: str
    pairs: tuple[tuple[EvidenceLink | None, EvidenceLink | None], ...]
    section_name: str
    outfall_name: str

    @property
    def buttons(self) -> list[tuple[str, str, str]]:
        """Name, label and tone of each deed that can be done now."""
        return buttons(self.case, self.deeds)


def _english() -> bool:
    return (get_language() or "").startswith("en")


def clock_views(case: Case, *, at: datetime) -> tuple[ClockView, ...]:
    """Return every clock of the case, running ones first, the next to end on top."""
    days = calendar()
    rows = case.clocks.prefetch_related("pauses", "extensions").order_by("started_at", "pk")
    found = [_clock_view(case, row, at=at, days=days) for row in rows]
    far = datetime.max.replace(tzinfo=at.tzinfo)
    return tuple(sorted(found, key=lambda v: (v.stopped is not None, v.due or far)))


def _clock_view(case: Case, row: CaseClock, *, at: datetime, days: WorkCalendar) -> ClockView:
    record = row.record()
    told = clocks.explain(record, calendar=days)
    left = clocks.remaining(record, at=at, calendar=days)
    rule = case.rules.clocks[row.name]
    workdays = left.workdays if left else None
    if left and left.late and workdays is not None:
        workdays = min(workdays, -1)
    return ClockView(
        name=row.name,
        label=in_language(rule.label),
        due=told.due,
        last_day=city_date(told.due - timedelta(microseconds=1)) if told.due else None,
        left=workdays,
        standing=clocks.standing(record, at=at, calendar=days),
        paused=record.is_paused and row.stopped_at is None,
        stopped=row.stopped_at,
        rule=told.en if _english() else told.zh,
        clause=rule.clause,
        mark=rule.mark,
        pauses=record.pauses,
        extensions=record.extensions,
    )


def _dwell(case: Case, deeds: Sequence[Deed], *, at: datetime) -> dict[str, int]:
    """Return how many working days the case spent in each macro phase (R002)."""
    days, spent = calendar(), {phase.value: 0 for phase in casework.Phase}
    ends = [*[d.at for d in deeds[1:]], case.closed_at or at]
    for deed, end in zip(deeds, ends, strict=False):
        phase = case.rules.states[deed.to_state].phase.value
        spent[phase] += days.working_days_between(city_date(deed.at), city_date(end))
    return spent


def _lasted(days: int) -> str:
    """Say how long a phase has lasted; nothing for one that has not begun to count."""
    said = ngettext("历时 %(n)s 个工作日", "历时 %(n)s 个工作日", days)
    return said % {"n": days} if days else ""


def _rail(case: Case, deeds: Sequence[Deed], *, at: datetime) -> tuple[tuple[str, str, str], ...]:
    spent = _dwell(case, deeds, at=at)
    return tuple(
        (
            phase.value,
            phase.en if _english() else phase.zh,
            _lasted(spent[phase.value]),
        )
        for phase in casework.Phase
    )


def said(case: Case, deed: Deed, *, to_enterprise: bool = False) -> tuple[tuple[str, str], ...]:
    """Return what was filled in, labelled, in the order of the form."""
    rule = case.rules.deeds.get(deed.name)
    if rule is None:
        return tuple((_("说明"), str(v)) for k, v in deed.given.items() if k == "note" and v)
    found = []
    for field in rule.fields:
        value = deed.given.get(field.name)
        if value in (None, "", []) or (to_enterprise and not field.to_enterprise):
            continue
        if field.kind == "choice" and value in field.choices:
            value = in_language(field.choices[value])
        elif field.kind in ("unit", "person", "enterprise"):
            value = deed.given.get(f"{field.name}_label", value)
        elif isinstance(value, list):
            value = "；".join(map(str, value))
        found.append((in_language(field.label), str(value)))
    return tuple(found)


def _kind(deed: Deed, rule: casework.Deed | None) -> str:
    if deed.doer_id is None:
        return "system"
    if rule is None:
        return ""
    if rule.strike_off:
        return "done"
    back = rule.verdict == "return" or deed.to_state in ("returned", "sent_back")
    return "return" if back or rule.name.endswith("_return") else ""


def _timeline(case: Case, deeds: Sequence[Deed]) -> tuple[TimelineRow, ...]:
    found = []
    for deed in deeds:
        rule = case.rules.deeds.get(deed.name)
        found.append(
            TimelineRow(
                deed=deed,
                label=in_language(rule.label) if rule else _("立案"),
                kind=_kind(deed, rule),
                said=said(case, deed),
                evidence=tuple(deed.evidence.all()),
            )
        )
    return tuple(found)


def case_page(case: Case, *, user: User, at: datetime) -> CasePage:
    """Return what *user* sees of *case* at *at*; whether they may see it at all is asked before."""
    deeds = list(
        case.deeds.select_related("doer__unit", "case__procedure")
        .prefetch_related("evidence__attachment__uploaded_by", "evidence__case__procedure")
        .order_by("seq")
    )
    facts = facts_of(case)
    views = clock_views(case, at=at)
    running = [v for v in views if v.stopped is None]
    timeline = _timeline(case, deeds)
    names = registry.label_of_station(
        [f"section:{case.section_code}", f"outfall:{case.outfall_code}"]
    )
    return CasePage(
        case=case,
        rail=_rail(case, deeds, at=at),
        clocks=views,
        main_clock=running[0] if running else None,
        timeline=timeline,
        deeds=casework.legal_deeds(case.rules, facts=facts, actor=actor_of(user, at=at)),
        problems=tuple(case.problems.order_by("round", "number")),
        needs=tuple(
            (in_language(n.label), n.met) for n in casework.missing(case.rules, facts=facts)
        ),
        waits_for=_waits_for(case, facts),
        pairs=_pairs([link for row in timeline for link in row.evidence]),
        section_name=names.get(f"section:{case.section_code}", ""),
        outfall_name=names.get(f"outfall:{case.outfall_code}", ""),
    )


def buttons(case: Case, deeds: Sequence[casework.Deed]) -> list[tuple[str, str, str]]:
    """Return the deeds as buttons: the step onward stands out, a return is marked."""
    found = []
    first = False
    for deed in deeds:
        back = deed.verdict == "return" or deed.name.endswith("_return")
        back = back or deed.to in ("returned", "sent_back", "dismissed")
        onward = is_onward(case.rules, deed, case.state) and not first
        tone = "is-danger" if back else "is-primary" if onward else ""
        first = first or onward
        found.append((deed.name, in_language(deed.label), tone))
    return found


def _waits_for(case: Case, facts: casework.Facts) -> str:
    """Return the roles whose turn it is."""
    roles = next_roles(case.rules, state=case.state, signed=len(facts.signers))
    return in_language(casework.joined(casework.ROLES[role].label for role in roles))


def _pairs(
    links: Sequence[EvidenceLink],
) -> tuple[tuple[EvidenceLink | None, EvidenceLink | None], ...]:
    """Return photos before and after side by side, in the order they came."""
    before = [link for link in links if link.kind == "before_photo"]
    after = [link for link in links if link.kind == "after_photo"]
    return tuple(zip_longest(before, after))
