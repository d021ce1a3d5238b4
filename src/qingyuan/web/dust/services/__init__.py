"""Deeds upon dust sources; each in one transaction with its audit row."""

from qingyuan.web.dust.services.duties import put_duty
from qingyuan.web.dust.services.leads import (
    attach_pictures,
    check_lead,
    lead_to_case,
    lead_to_site,
    take_leads,
)
from qingyuan.web.dust.services.rounds import Said, hand_over, plan_round, record_visit
from qingyuan.web.dust.services.seats import put_seat
from qingyuan.web.dust.services.sites import register_site, revise_site
from qingyuan.web.dust.services.tasks import open_task, site_case

__all__ = [
    "Said",
    "attach_pictures",
    "check_lead",
    "hand_over",
    "lead_to_case",
    "lead_to_site",
    "open_task",
    "plan_round",
    "put_duty",
    "put_seat",
    "record_visit",
    "register_site",
    "revise_site",
    "site_case",
    "take_leads",
]
