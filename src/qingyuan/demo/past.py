"""The cases of the last three months (往日案件), done through the services people use."""

from __future__ import annotations

from datetime import datetime, timedelta

from qingyuan.core.periods import city_date
from qingyuan.demo.incidents import Plan, Story
from qingyuan.demo.script import live_on
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin, open_case

__all__ = ["live_through", "open_for"]

_SLOWER = 6.0
_AFTER = timedelta(minutes=15)


def live_through(plan: Plan, *, until: datetime) -> list[Case]:
    """Open and carry on the case of every past incident; what was done before is not repeated."""
    found = []
    for story in plan.of("past"):
        case = Case.objects.filter(origin_ref=_ref(story)).first()
        if case is None:
            origin = Origin("manual", _ref(story), f"{story.section_name}断面自动站数据")
            case = open_for(story, origin=origin, at=story.incident.crosses + _AFTER)
        found.append(live_on(case, until=until, ends=story.ends, slower=_SLOWER))
    return found


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
