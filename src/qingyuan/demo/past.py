"""The cases of the last three months (往日案件), done through the services people use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from qingyuan.cities import Enterprise
from qingyuan.core.periods import city_date
from qingyuan.demo.checks import Check, field_checks
from qingyuan.demo.incidents import Plan, Story
from qingyuan.demo.script import live_on, office_hours
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin, open_case

__all__ = ["live_through", "open_for"]

_SLOWER = 6.0
_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Past:
    """One case of the past: when and how it began, and how it went."""

    at: datetime
    ref: str
    open: Callable[[], Case]
    ends: str
    words: Mapping[str, object]


def live_through(plan: Plan, *, until: datetime) -> list[Case]:
    """Open and carry on the cases of the past; what was done before is not repeated.

    They are those of past incidents and of what inspectors found on site, numbered in the order in
    which they began.
    """
    past = sorted([*_incidents(plan), *_checks(plan, until=until)], key=lambda p: p.at)
    begun = [Case.objects.filter(origin_ref=p.ref).first() or p.open() for p in past]
    return [
        live_on(case, until=until, ends=p.ends, slower=_SLOWER, words=p.words)
        for p, case in zip(past, begun, strict=True)
    ]


def _incidents(plan: Plan) -> Iterator[_Past]:
    for story in plan.of("past"):
        at, ref = story.incident.crosses + _AFTER, _ref(story)
        origin = Origin("manual", ref, f"{story.section_name}断面自动站数据")
        yield _Past(at, ref, partial(open_for, story, origin=origin, at=at), story.ends, {})


def _checks(plan: Plan, *, until: datetime) -> Iterator[_Past]:
    for number, (check, enterprise) in enumerate(field_checks(plan)):
        at = min(office_hours(until - timedelta(hours=check.hours_ago)), until)
        ref = f"field-check:{number}"
        yield _Past(
            at, ref, partial(_open_check, plan, check, enterprise, ref, at), check.ends, check.words
        )


def _open_check(plan: Plan, check: Check, enterprise: Enterprise, ref: str, at: datetime) -> Case:
    own = (o.outfall_id for o in plan.city.outfalls if o.enterprise_id == enterprise.enterprise_id)
    return open_case(
        procedure="exceedance",
        title=f"{enterprise.name}{check.title}",
        matter=check.matter,
        district_code=enterprise.district_code,
        origin=Origin("manual", ref, "执法检查"),
        enterprise_id=enterprise.enterprise_id,
        by=accounts.holders_of("department_head", on=city_date(at))[0],
        at=at,
        summary=check.finding,
        outfall_code=next(own, ""),
    )


def open_for(story: Story, *, origin: Origin, at: datetime) -> Case:
    """Open the case of an incident whose culprit was found (the actors know; people must trace)."""
    duty = next(iter(accounts.holders_of("duty_officer", on=city_date(at))), None)
    return open_case(
        procedure="exceedance",
        title=story.title,
        matter="water",
        district_code=story.district_code,
        origin=origin,
        enterprise_id=story.enterprise_id,
        by=duty,
        at=at,
        summary=f"{story.section_name}断面氨氮超标，溯源指向{story.enterprise_name}排污口。",
        section_code=story.incident.section_id,
        outfall_code=story.outfall_id,
    )


def _ref(story: Story) -> str:
    return f"history:{story.outfall_id}:{story.incident.crosses:%Y%m%d}"
