"""The deeds of assessments."""

from qingyuan.web.assessments.services.dust import decide_dust, withdraw_dust
from qingyuan.web.assessments.services.interviews import record_interview

__all__ = ["decide_dust", "record_interview", "withdraw_dust"]
