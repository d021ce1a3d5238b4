"""What deeds of the inspections' procedures do to their own tables (系统动作)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit
from qingyuan.web.cases.effects import Doing
from qingyuan.web.inspections.models import COUNTERS, Finding, FindingMonth, Item, ItemRound

__all__ = [
    "accept",
    "close",
    "feed_back",
    "notice",
    "plan",
    "record_month",
    "record_result",
    "refuse",
]

_TEXTS = ("finding", "measures", "blame")


def _held(doing: Doing) -> ItemRound | Finding:
    """Return the row this deed writes: the item's present round, or the finding."""
    if doing.case.procedure.name == "inspection_finding":
        found = Finding.objects.select_for_update().filter(case=doing.case).first()
        if found is None:
            raise Problem("inspections.no_facts", case=doing.case.number)
        return found
    return _item_round(doing)


def _item_round(doing: Doing) -> ItemRound:
    item = Item.objects.filter(case=doing.case).first()
    if item is None:
        raise Problem("inspections.no_facts", case=doing.case.number)
    return ItemRound.objects.get_or_create(item=item, round=doing.case.round)[0]


def _day(doing: Doing, name: str) -> date:
    value = doing.data.get(name)
    if not isinstance(value, date):
        raise TypeError(f"{name} is no day")
    return value


def record_result(doing: Doing, params: Mapping[str, str]) -> None:
    """Write what was found and done, and the counters given; a field left empty keeps what was."""
    held = _item_round(doing)
    for name in _TEXTS:
        if text := doing.text(name):
            setattr(held, name, text)
    if isinstance(doing.data.get("due_on"), date):
        held.rectify_by = _day(doing, "due_on")
    for name, label, _ in COUNTERS:
        value = doing.data.get(name)
        if value is None or value == "":
            continue
        number = Decimal(str(value))
        if number < 0 or (name != "fines_10k" and number != number.to_integral_value()):
            raise Problem("inspections.counter", counter=str(label), given=str(value))
        setattr(held, name, number if name == "fines_10k" else int(number))
    # 又报送一次：公开文本须重新确认 / reported anew: the public text must be confirmed again
    held.confirmed_at, held.confirmed_by = None, ""
    held.save()


def feed_back(doing: Doing, params: Mapping[str, str]) -> None:
    """Note when the inspection team was told."""
    held = _item_round(doing)
    held.fed_back_at = doing.at
    held.save(update_fields=["fed_back_at"])


def accept(doing: Doing, params: Mapping[str, str]) -> None:
    """Write which unit accepted: never one that handled it, nor one beneath it (验收单位)."""
    held = _held(doing)
    unit = doing.by.unit
    parts = doing.case.parts.filter(round=doing.case.round).exclude(role="watch")
    for path, name in parts.exclude(state="returned").values_list("unit__path", "unit__name_zh"):
        if unit.path.startswith(path):
            raise Problem("inspections.own_acceptance", unit=unit.name_zh, handled=name)
    if isinstance(held, Finding):
        named = held.acceptor
        # 市局的科室可代市局验收，分局不可 / an office of the bureau may stand for it, a branch may not
        inside = named is None or (
            unit.path.startswith(named.path) and unit.district_code == named.district_code
        )
        if named and not inside:
            raise Problem("inspections.other_acceptor", acceptor=named.name_zh)
        held.accepted_at = doing.at
        held.save(update_fields=["accepted_at"])
        return
    held.accepting_unit, held.accepted_at, held.accepted_by = unit, doing.at, str(doing.by)
    held.save(update_fields=["accepting_unit", "accepted_at", "accepted_by"])


def refuse(doing: Doing, params: Mapping[str, str]) -> None:
    """Take acceptance and notice back: it must be put right first."""
    held = _held(doing)
    held.accepted_at = held.notice_from = held.notice_to = None
    if isinstance(held, ItemRound):
        held.accepting_unit, held.accepted_by = None, ""
        if isinstance(doing.data.get("due_on"), date):
            held.rectify_by = _day(doing, "due_on")
    held.save()


def notice(doing: Doing, params: Mapping[str, str]) -> None:
    """Write from when to when it is on public notice, and where."""
    held = _held(doing)
    begin, end = _day(doing, "notice_from"), _day(doing, "notice_to")
    if end < begin:
        raise Problem("inspections.notice_period", begin=begin.isoformat(), end=end.isoformat())
    held.notice_from, held.notice_to = begin, end
    if isinstance(held, ItemRound):
        held.notice_where = doing.text("notice_where")[:200]
    held.save()


def close(doing: Doing, params: Mapping[str, str]) -> None:
    """Refuse to strike off before the notice has run out (公示期满)."""
    end = _held(doing).notice_to
    if end is not None and city_date(doing.at) <= end:
        raise Problem("inspections.notice_running", end=end.isoformat())


def plan(doing: Doing, params: Mapping[str, str]) -> None:
    """Write the plan of a finding: goal, measures, deadline, who accepts."""
    held = _held(doing)
    unit = Unit.objects.filter(code=str(doing.data.get("acceptor", ""))).first()
    if not isinstance(held, Finding) or unit is None:
        raise Problem("inspections.no_facts", case=doing.case.number)
    if doing.case.unit and unit.path.startswith(doing.case.unit.path):
        raise Problem(
            "inspections.own_acceptance", unit=unit.name_zh, handled=doing.case.unit.name_zh
        )
    held.goal, held.measures = doing.text("goal"), doing.text("measures")
    held.due_on, held.acceptor = _day(doing, "due_on"), unit
    held.save()


def record_month(doing: Doing, params: Mapping[str, str]) -> None:
    """Write one month's report; a month is reported once a round (月调度)."""
    held = _held(doing)
    month = _day(doing, "month").replace(day=1)
    if month > city_date(doing.at):
        raise Problem("inspections.month_ahead", month=f"{month:%Y-%m}")
    row, fresh = FindingMonth.objects.get_or_create(
        finding=held,
        round=doing.case.round,
        month=month,
        defaults={
            "progress": str(doing.data["on_line"]),
            "text": doing.text("note"),
            "by": str(doing.by),
            "at": doing.at,
        },
    )
    if not fresh:
        raise Problem("inspections.month_twice", month=f"{month:%Y-%m}", by=row.by)
