"""The deeds of monitoring: follow the store, raise signals, publish rules, command and mark."""

from qingyuan.web.monitoring.selectors.limits import Limits
from qingyuan.web.monitoring.selectors.rules import rules_for
from qingyuan.web.monitoring.services.commands import ask, cancel, expire, follow_dialogues
from qingyuan.web.monitoring.services.completeness import count_day
from qingyuan.web.monitoring.services.days import judge_day
from qingyuan.web.monitoring.services.export import record_export
from qingyuan.web.monitoring.services.follow import Absorbed, Following, absorb
from qingyuan.web.monitoring.services.marks import declare, end_mark, withdraw
from qingyuan.web.monitoring.services.rules import publish_rules

__all__ = [
    "Absorbed",
    "Following",
    "Limits",
    "absorb",
    "ask",
    "cancel",
    "count_day",
    "declare",
    "end_mark",
    "expire",
    "follow_dialogues",
    "judge_day",
    "publish_rules",
    "record_export",
    "rules_for",
    "withdraw",
]
