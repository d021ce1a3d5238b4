"""From ledgers and store to the facts of bulletins (通报的事实), as values."""

from qingyuan.web.bulletins.facts.daily import daily_facts
from qingyuan.web.bulletins.facts.period import period_facts, ranking_facts, supervision_facts
from qingyuan.web.bulletins.facts.surveys import survey_facts
from qingyuan.web.bulletins.facts.water import section_days
from qingyuan.web.bulletins.facts.works import agenda_of, water_week_facts, waterworks_facts

__all__ = [
    "agenda_of",
    "daily_facts",
    "period_facts",
    "ranking_facts",
    "section_days",
    "supervision_facts",
    "survey_facts",
    "water_week_facts",
    "waterworks_facts",
]
