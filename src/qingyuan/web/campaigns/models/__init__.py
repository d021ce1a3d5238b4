"""What campaigns keep."""

from qingyuan.web.campaigns.models.campaign import Campaign, JointUnit
from qingyuan.web.campaigns.models.districts import Report, SubPlan
from qingyuan.web.campaigns.models.field import Member, Team, Visit, VisitPhoto
from qingyuan.web.campaigns.models.objects import KINDS, Listing, Target

__all__ = [
    "KINDS",
    "Campaign",
    "JointUnit",
    "Listing",
    "Member",
    "Report",
    "SubPlan",
    "Target",
    "Team",
    "Visit",
    "VisitPhoto",
]
