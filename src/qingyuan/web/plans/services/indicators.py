"""Indicators of a plan brought and taken (目标指标导入导出): the table itself is how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs

from django.db import transaction
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web import exchange
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.roles import STAFF
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.exchange import Choice, Column, Exporter, Importer, Row, RowFault, Sheet, Table
from qingyuan.web.plans import selectors
from qingyuan.web.plans.models import Indicator, Plan

__all__ = ["INDICATOR_EXPORT", "INDICATOR_IMPORT"]

_CLAUSE = "青岛市巡察整改通报（2024）7 目标指标评估，找准短板弱项"
_BETTER = (Choice("more", "不低于目标", "No less than the target"), Choice("less", "不高于目标", "No more than the target"))  # fmt: skip
INDICATORS = Sheet(
    name="plans.indicators",
    title="目标指标",
    title_en="Indicators",
    key=("plan", "number"),
    columns=(
        Column(name="plan", zh="方案编号", en="Plan", required=True),
        Column(name="number", zh="序号", en="No.", required=True, width=6, most=12),
        Column(name="name", zh="指标", en="Indicator", required=True, width=30, most=120),
        Column(name="unit", zh="单位", en="Unit", width=8, most=24),
        Column(name="better", zh="方向", en="Better", kind="choice", required=True, choices=_BETTER),
        Column(name="target", zh="目标值", en="Target", kind="number", required=True),
        Column(name="current", zh="现状值", en="Current value", kind="number"),
        Column(name="as_of", zh="现状截至", en="As of", kind="day"),
        Column(name="source", zh="数据来源", en="Source", width=20, most=120),
        Column(name="department", zh="责任部门", en="Department", width=18, most=120),
    ),
)  # fmt: skip
_FIELDS = tuple(c.name for c in INDICATORS.columns if c.name != "plan")


def _kept(row: Indicator) -> dict[str, object]:
    said = {n: getattr(row, n) for n in _FIELDS}
    return {"plan": row.plan.code, **{n: None if v == "" else v for n, v in said.items()}}


def check(rows: Sequence[Row], /, *, by: User, at: datetime) -> exchange.Plan:
    """Say what a table would do to the indicators of plans the person keeps."""
    scope = scope_of(by, on=city_date(at))
    mine = {p.code for p in selectors.plans(scope) if selectors.may_manage(p, scope)}
    wrong: list[RowFault] = []
    for row in rows:
        if row["plan"] not in mine:
            wrong.append(
                RowFault(row.number, "plan", Problem("plans.which_plan", given=row["plan"]))
            )
        elif row.get("current") is not None and row.get("as_of") is None:
            wrong.append(
                RowFault(row.number, "as_of", Problem("plans.indicator_day", indicator=row["name"]))
            )
    codes = {str(row["plan"]) for row in rows}
    held = Indicator.objects.filter(plan__code__in=codes).select_related("plan")
    return exchange.compare(
        rows, INDICATORS, {(i.plan.code, i.number): _kept(i) for i in held}, wrong=wrong
    )


@transaction.atomic
def write(plan: exchange.Plan, /, *, by: User, at: datetime) -> str | None:
    """Write the indicators; a blank cell of one known leaves what is kept."""
    touched: dict[str, Plan] = {}
    for row in [*plan.new, *(change.row for change in plan.changed)]:
        code = str(row["plan"])
        target = touched.setdefault(code, Plan.objects.select_for_update().get(code=code))
        given = {n: row[n] for n in _FIELDS if n != "number" and row.get(n) not in (None, "")}
        Indicator.objects.update_or_create(plan=target, number=row["number"], defaults=given)
    for target in touched.values():
        audit.record(
            actor=Actor.of(by), deed="plans.import_indicators", target=target.ref, at=at,
            clause=_CLAUSE, detail={"new": len(plan.new), "changed": len(plan.changed)},
        )  # fmt: skip
    last = next(iter(touched), None)
    return reverse("plan-indicators", args=[last]) if last else None


def make(query: str, /, *, by: User, at: datetime) -> Table:
    """Gather the indicators of the plans a person sees whole; of one, when the query names it."""
    scope = scope_of(by, on=city_date(at))
    code = parse_qs(query).get("plan", [""])[-1]
    whole = [p.pk for p in selectors.plans(scope) if selectors.sees_whole(p, scope)]
    found = Indicator.objects.filter(plan__in=whole).select_related("plan").order_by("plan", "pk")
    if code:
        found = found.filter(plan__code=code)
    return Table(
        sheet=INDICATORS, rows=(_kept(row) for row in found), count=found.count(),
        filters={"方案": code} if code else {},
    )  # fmt: skip


INDICATOR_IMPORT = Importer(
    name="plans.indicators",
    sheet=INDICATORS,
    check=check,
    write=write,
    roles=("duty_officer", "department_head"),
    locks=("plans.Indicator",),
    group="任务",
    group_en="Plans",
    hint="先导出本方案的指标，填好现状值再导入；示范区建设、年度目标等。",
    hint_en="Export the plan's indicators, fill in the current values, bring it back.",
    order=62,
)
INDICATOR_EXPORT = Exporter(
    name="plans.indicators",
    title=INDICATORS.title,
    title_en=INDICATORS.title_en,
    make=make,
    roles=STAFF,
)
