"""What is kept of dust sources."""

from qingyuan.web.dust.models.duties import DutyChange
from qingyuan.web.dust.models.leads import Lead
from qingyuan.web.dust.models.rounds import Check, Round, Visit
from qingyuan.web.dust.models.seats import Seat
from qingyuan.web.dust.models.sites import RECORD_FIELDS, Site, SiteRecord

__all__ = [
    "RECORD_FIELDS",
    "Check",
    "DutyChange",
    "Lead",
    "Round",
    "Seat",
    "Site",
    "SiteRecord",
    "Visit",
]
