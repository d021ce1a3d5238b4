"""What the people of the demo do next (演示脚本): one table from a case's state to a deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from types import MappingProxyType

from qingyuan.core.periods import city_date, in_city
from qingyuan.demo.pictures import picture
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Upload, matrix_assignment, perform

__all__ = ["Move", "live_on", "next_move", "office_hours"]

_OPENS, _CLOSES = time(8, 30), time(17, 30)
_CHAIN = ("department_head", "vice_leader", "leader")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the script: the deed, who does it, after how long, with what."""

    deed: str
    who: str
    wait: timedelta
    evidence: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """A deed that somebody will do at a certain time."""

    deed: str
    by: User
    at: datetime
    data: Mapping[str, object]
    evidence: tuple[str, ...]


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


_SCRIPT = {
    "registered": _Line("assign", "duty", _minutes(3)),
    "returned": _Line("assign", "duty", _minutes(10)),
    "assigned": _Line("sign", "responsible", _minutes(7)),
    "signed": _Line(
        "check_onsite",
        "responsible",
        _minutes(45),
        ("check_record", "before_photo"),
        {
            "finding": "排污口有浑浊污水排出，氨水味明显；车间应急池阀门未关严，废水经雨水沟混入排污口。"
            "在线监测数据在此期间未见变化，已现场取样送检。"
        },
    ),
    "checked": _Line(
        "list_problems",
        "responsible",
        _minutes(12),
        data={"problems": ["应急池阀门关闭不严，废水混入雨水沟", "在线监测采样管未按规范固定"]},
    ),
    "listed": _Line(
        "push", "responsible", _minutes(4), data={"note": "请按期整改并上传整改前后照片。"}
    ),
    "pushed": _Line("acknowledge", "enterprise", _minutes(20)),
    "rectifying": _Line(
        "submit",
        "enterprise",
        _minutes(150),
        ("before_photo", "after_photo", "measure_record"),
        {"measures": "已更换应急池阀门并封堵雨水沟旁通口，采样管重新固定，清运池内废水 42 吨。"},
    ),
    "submitted": _Line(
        "recheck_pass",
        "second",
        _minutes(50),
        ("recheck_record", "measurement_back"),
        {"opinion": "现场复核，阀门已更换，旁通口已封堵，排口出水清澈，快检氨氮 1.2 mg/L。"},
    ),
    "signing": _Line("sign_pass", "signer", _minutes(15), data={"opinion": "同意。"}),
    "to_close": _Line("close_out", "duty", _minutes(10)),
}


def office_hours(at: datetime) -> datetime:
    """Return *at*, or the next morning a desk is staffed (weekends apart; holidays are not asked)."""
    local = in_city(at)
    if local.time() > _CLOSES:
        local = (local + timedelta(days=1)).replace(hour=8, minute=40, second=0, microsecond=0)
    elif local.time() < _OPENS:
        local = local.replace(hour=8, minute=40, second=0, microsecond=0)
    while local.weekday() >= 5:
        local = (local + timedelta(days=1)).replace(hour=8, minute=40)
    return local.astimezone(at.tzinfo)


def next_move(
    case: Case, *, slower: float = 1.0, words: Mapping[str, object] = MappingProxyType({})
) -> Move | None:
    """Return what happens next to *case*, who does it and when; None when the script ends.

    Parameters
    ----------
    slower : float
        Multiplies the waits; the past took longer than a demo has time for.
    words : mapping
        What is said instead of the script's own words, by field.
    """
    line = _SCRIPT.get(case.state)
    last = case.deeds.order_by("-seq").first()
    if line is None or last is None:
        return None
    at = last.at + line.wait * slower
    if line.who != "duty":
        at = office_hours(at)
    by = _person(line.who, case, at=at)
    if by is None:
        return None
    data = {name: words.get(name, said) for name, said in line.data.items()}
    if line.deed == "assign":
        data |= matrix_assignment(case, at=at)
    elif line.deed == "check_onsite":
        second = _person("second", case, at=at)
        data["officers"] = "、".join(p.name for p in (by, second) if p)
    elif line.deed == "list_problems":
        data["due_on"] = city_date(at) + timedelta(days=14)
    return Move(line.deed, by, at, data, line.evidence)


def live_on(
    case: Case,
    *,
    until: datetime,
    ends: str = "",
    slower: float = 1.0,
    words: Mapping[str, object] = MappingProxyType({}),
) -> Case:
    """Do every move of the script that falls due before *until*; stop at the state *ends*."""
    while case.state != ends:
        move = next_move(case, slower=slower, words=words)
        if move is None or move.at > until:
            break
        files = [
            Upload(kind, f"{kind}.jpg", picture(kind, case=case.number, at=move.at), move.at)
            for kind in move.evidence
        ]
        case = perform(
            case=case, deed=move.deed, by=move.by, at=move.at, data=move.data, evidence=files
        )
    return case


def _person(who: str, case: Case, *, at: datetime) -> User | None:
    if who == "responsible":
        return case.person
    if who == "enterprise":
        return accounts.people_of_enterprise(case.enterprise_id or "").first()
    day = city_date(at)
    if who == "duty":
        return next(iter(accounts.holders_of("duty_officer", on=day)), None)
    if who == "signer":
        signed = case.signoffs.filter(round=case.round, cleared_at=None).count()
        role = _CHAIN[min(signed, len(_CHAIN) - 1)]
        if role == "vice_leader" and case.sponsor:
            return case.sponsor
        return next(iter(accounts.holders_of(role, on=day)), None)
    branch = [case.unit.path] if case.unit else []
    officers = accounts.holders_of("district_officer", on=day, units_under=branch)
    return next((p for p in officers if p != case.person), None)
