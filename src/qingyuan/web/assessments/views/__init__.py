"""Pages of assessments."""

from qingyuan.web.assessments.views.air import air, air_layer, air_place
from qingyuan.web.assessments.views.dust import dust, dust_decide, dust_withdraw
from qingyuan.web.assessments.views.figures import figure
from qingyuan.web.assessments.views.rebounds import interview_record, rebounds
from qingyuan.web.assessments.views.targets import target_air, target_section, targets
from qingyuan.web.assessments.views.water import water, water_section

__all__ = [
    "air",
    "air_layer",
    "air_place",
    "dust",
    "dust_decide",
    "dust_withdraw",
    "figure",
    "interview_record",
    "rebounds",
    "target_air",
    "target_section",
    "targets",
    "water",
    "water_section",
]
