"""The deeds of campaigns."""

from qingyuan.web.campaigns.services.closing import close_campaign
from qingyuan.web.campaigns.services.districts import (
    ask_sub_plan,
    judge_sub_plan,
    remind,
    report,
    submit_sub_plan,
)
from qingyuan.web.campaigns.services.field import (
    add_place,
    make_team,
    plan_visits,
    record_visit,
    withdraw_visit,
)
from qingyuan.web.campaigns.services.making import change_campaign, make_campaign
from qingyuan.web.campaigns.services.objects import join_case, list_objects, sweep_objects

__all__ = [
    "add_place",
    "ask_sub_plan",
    "change_campaign",
    "close_campaign",
    "join_case",
    "judge_sub_plan",
    "list_objects",
    "make_campaign",
    "make_team",
    "plan_visits",
    "record_visit",
    "remind",
    "report",
    "submit_sub_plan",
    "sweep_objects",
    "withdraw_visit",
]
