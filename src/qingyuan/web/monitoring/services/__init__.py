"""The deeds of monitoring: follow the table, keep the latest, raise signals, publish rules."""

from qingyuan.web.monitoring.selectors.limits import Limits
from qingyuan.web.monitoring.selectors.rules import rules_for
from qingyuan.web.monitoring.services.days import judge_day
from qingyuan.web.monitoring.services.follow import Absorbed, Following, absorb
from qingyuan.web.monitoring.services.rules import publish_rules

__all__ = ["Absorbed", "Following", "Limits", "absorb", "judge_day", "publish_rules", "rules_for"]
