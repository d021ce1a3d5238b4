"""A small procedure with everything a loop of several units needs, for tests of the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from case_town import Town
from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.cases.models import Case, ProcedureVersion

__all__ = ["JOINT", "opens_joint"]


def opens_joint(town: Town, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Case]:
    """Return a function that opens cases of a procedure with several units."""
    opening = import_module("qingyuan.web.cases.services.open")
    rules = casework.load(JOINT, source="joint.toml")
    assert casework.check(rules) == []
    version = ProcedureVersion.objects.create(
        name=rules.name, version=rules.version, digest=rules.digest, text=JOINT, recorded_at=town.at
    )
    kept = opening.version_of
    monkeypatch.setattr(
        opening, "version_of", lambda name, at: version if name == "joint" else kept(name, at=at)
    )

    def open_joint(**more: Any) -> Case:
        form = {"received_on": city_date(town.at) - timedelta(days=3)}
        return town.open(**{"procedure": "joint", "form": form, "enterprise_id": None} | more)

    return open_joint


JOINT = """
[procedure]
name = "joint"
version = "1"
zh = "联合处置"
en = "Joint handling"
initial = "registered"
numbering = "LH"
family = "cases"
policy = "all"
clause = "测试"
roles = ["duty_officer", "district_officer", "department_head", "vice_leader", "leader"]

[[form]]
name = "received_on"
kind = "date"
zh = "收到日期"
en = "Received on"
past = true

[[form]]
name = "amount"
kind = "number"
zh = "涉及数量（处）"
en = "How many (places)"
required = false

[[form]]
name = "anonymous"
kind = "yes"
zh = "匿名"
en = "Anonymous"
required = false

[evidence.report_file]
zh = "处置报告"
en = "Report"

[clock.handle]
zh = "办理时限"
en = "Handling limit"
unit = "workday"
length = 5
clause = "测试"
warn = [
  { at = -1, card = "yellow", to = ["district_officer"] },
  { at = 1, card = "red", to = ["district_officer", "department_head"] },
  { at = 2, card = "slip", to = ["vice_leader"] },
  { at = 3, card = "notice", to = ["vice_leader", "leader"] },
]

[[state]]
name = "registered"
zh = "待交办"
en = "To assign"
phase = "discover"
ledger = "assign"
unclocked = "测试不计时"

[[state]]
name = "handling"
zh = "办理中"
en = "In hand"
phase = "handle"
ledger = "handle"
unclocked = "测试不计时"

[[state]]
name = "to_close"
zh = "待销号"
en = "To strike off"
phase = "feedback"
ledger = "handle"
unclocked = "测试不计时"

[[state]]
name = "closed"
zh = "已销号"
en = "Struck off"
phase = "feedback"
ledger = "conclude"
terminal = true

[[state]]
name = "merged"
zh = "已并案"
en = "Merged"
phase = "feedback"
ledger = "conclude"
terminal = true

[[deed]]
name = "assign"
zh = "交办"
en = "Assign"
from = ["registered"]
to = "handling"
roles = ["duty_officer", "department_head"]
fields = [
  { name = "unit", kind = "unit", zh = "主办单位", en = "Lead unit" },
  { name = "person", kind = "person", zh = "责任人", en = "Responsible person" },
  { name = "co_units", kind = "units", zh = "协办单位", en = "Co-handlers", required = false },
]
clocks = { start = ["handle"] }
effects = [
  "assign_responsible",
  { name = "add_parts", field = "co_units", clock = "handle" },
  { name = "notify", to = "responsible" },
  { name = "notify", to = "co" },
]
clause = "测试"
undo = true
batch = true

[[deed]]
name = "sign_co"
zh = "协办签收"
en = "Sign for the part"
from = ["handling"]
to = "="
roles = ["district_officer"]
ties = ["part_unit"]
effects = ["sign_part"]
clause = "测试"

[[deed]]
name = "report_co"
zh = "协办反馈"
en = "Report for the part"
from = ["handling"]
to = "="
roles = ["district_officer"]
ties = ["part_unit"]
fields = [{ name = "report", kind = "text", zh = "办理情况", en = "Report" }]
effects = ["report_part"]
clause = "测试"

[[deed]]
name = "return_co"
zh = "协办退回"
en = "Return the part"
from = ["handling"]
to = "="
roles = ["district_officer"]
ties = ["part_unit"]
fields = [{ name = "reason", kind = "text", zh = "退回理由", en = "Reason" }]
effects = ["return_part"]
clause = "测试"

[[deed]]
name = "ask_again"
zh = "退回反馈"
en = "Send a report back"
from = ["handling"]
to = "="
roles = ["duty_officer", "department_head"]
fields = [
  { name = "co_unit", kind = "unit", zh = "退回的单位", en = "Unit" },
  { name = "reason", kind = "text", zh = "退回理由", en = "Reason" },
]
effects = ["return_part"]
clause = "测试"

[[deed]]
name = "find"
zh = "认定"
en = "Record the finding"
from = ["handling"]
to = "="
roles = ["district_officer"]
ties = ["responsible_unit"]
fields = [
  { name = "truth", kind = "choice", zh = "是否属实", en = "Truth", choices = { proven = { zh = "属实", en = "Proven" }, mostly = { zh = "基本属实", en = "Mostly proven" }, partly = { zh = "部分属实", en = "Partly proven" }, unproven = { zh = "不属实", en = "Not proven" } } },
  { name = "progress", kind = "choice", zh = "进度", en = "Progress", choices = { done = { zh = "办结", en = "Done" }, staged = { zh = "阶段性办结", en = "Staged" }, open = { zh = "未办结", en = "Open" } } },
]
effects = ["record_finding", "mark_immediate"]
clause = "测试"
undo = true

[[deed]]
name = "finish"
zh = "办理完毕"
en = "Finish"
from = ["handling"]
to = "to_close"
roles = ["district_officer"]
ties = ["responsible_unit"]
guards = ["parts_reported"]
fields = [{ name = "report", kind = "text", zh = "办理情况", en = "Report" }]
effects = ["report_part"]
clause = "测试"

[[deed]]
name = "redo"
zh = "不满意重办"
en = "Redo"
from = ["to_close"]
to = "registered"
roles = ["duty_officer", "department_head"]
fields = [{ name = "reason", kind = "text", zh = "理由", en = "Reason" }]
clocks = { stop = ["handle"] }
effects = ["new_round"]
clause = "测试"

[[deed]]
name = "close_out"
zh = "销号"
en = "Strike off"
from = ["to_close"]
to = "closed"
roles = ["duty_officer", "department_head"]
evidence = ["report_file"]
clocks = { stop = ["handle"] }
effects = ["return_result"]
strike_off = true
clause = "测试"

[[deed]]
name = "merge"
zh = "并案"
en = "Merge"
from = ["registered", "handling"]
to = "merged"
roles = ["duty_officer", "department_head"]
fields = [
  { name = "into", kind = "line", zh = "并入案件编号", en = "Into" },
  { name = "reason", kind = "text", zh = "理由", en = "Reason" },
]
clocks = { stop = ["handle"] }
effects = ["merge"]
clause = "测试"

[[deed]]
name = "reopen"
zh = "反弹重启"
en = "Re-open"
from = ["closed", "merged"]
to = "registered"
roles = ["duty_officer", "department_head"]
fields = [{ name = "reason", kind = "text", zh = "理由", en = "Reason" }]
effects = ["new_round"]
clause = "测试"
"""
