"""Units, people, the duty roster and the matrix as tables (机构、人员、值班表、责任矩阵导入)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from qingyuan.core.calendar import HolidaySpan
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases import services as deeds
from qingyuan.web.cases.models.case import MATTERS
from qingyuan.web.exchange import (
    Choice,
    Column,
    Importer,
    Plan,
    Row,
    RowFault,
    Sheet,
    compare,
    register,
)
from qingyuan.web.organisation.forms import LONGEST_SPAN
from qingyuan.web.organisation.models import Shift
from qingyuan.web.organisation.services import (
    check_responsibility,
    in_force,
    put_responsibility,
    put_shift,
    register_person,
    register_unit,
)
from qingyuan.web.registry.models import District

__all__ = ["CALENDAR", "DUTY", "MATRIX", "PEOPLE", "UNITS"]


def _words(model_choices: Sequence[tuple[str, object]]) -> tuple[Choice, ...]:
    return tuple(Choice(str(code), str(label)) for code, label in model_choices)


def _code(name: str, zh: str, en: str, *, required: bool = True) -> Column:
    return Column(name=name, zh=zh, en=en, kind="code", required=required, most=63, width=16)


UNITS = Sheet(
    name="units",
    title="单位",
    title_en="Units",
    key=("code",),
    columns=(
        _code("code", "单位代码", "Unit code"),
        Column(name="name", zh="名称", en="Name", required=True, most=120, width=26),
        Column(name="name_en", zh="英文名", en="English name", most=160, width=26, keep=True),
        Column(
            name="kind",
            zh="类别",
            en="Kind",
            kind="choice",
            required=True,
            choices=lambda: _words(Unit.Kind.choices),
        ),
        _code("parent", "上级单位代码", "Code of the unit above", required=False),
        _code("district", "区划代码", "District code", required=False),
    ),
)
PEOPLE = Sheet(
    name="people",
    title="人员",
    title_en="People",
    key=("username",),
    columns=(
        _code("username", "账号", "Account"),
        Column(name="name", zh="姓名", en="Name", required=True, most=64),
        _code("unit", "单位代码", "Unit code"),
        Column(name="title", zh="职务", en="Title", most=64),
    ),
)
DUTY = Sheet(
    name="duty",
    title="值班表",
    title_en="Duty roster",
    key=("day", "span", "unit"),
    columns=(
        Column(name="day", zh="日期", en="Day", kind="day", required=True),
        Column(
            name="span",
            zh="班次",
            en="Shift",
            kind="choice",
            required=True,
            choices=(Choice("day", "白班", "Day"), Choice("night", "夜班", "Night")),
        ),
        _code("unit", "单位代码", "Unit code"),
        _code("officer", "值班员账号", "Officer's account"),
        _code("leader", "带班领导账号", "Leader's account", required=False),
    ),
)
CALENDAR = Sheet(
    name="calendar",
    title="工作日历",
    title_en="Working days",
    key=("start", "kind"),
    columns=(
        Column(name="start", zh="自", en="From", kind="day", required=True),
        Column(name="end", zh="至（含）", en="To (included)", kind="day", required=True),
        Column(
            name="kind",
            zh="类别",
            en="Kind",
            kind="choice",
            required=True,
            choices=(Choice("holiday", "放假", "Day off"), Choice("makeup", "调休上班", "Worked")),
        ),
        Column(name="name", zh="名称", en="Name", required=True, most=60),
        Column(name="notice", zh="依据文件", en="Ordering document", required=True, most=200),
    ),
)


MATRIX = Sheet(
    name="matrix",
    title="责任矩阵",
    title_en="Responsibility matrix",
    key=("district", "matter"),
    columns=(
        Column(
            name="district",
            zh="区市",
            en="District",
            kind="choice",
            required=True,
            choices=lambda: tuple(
                Choice(d.code, d.name_zh, d.name_en) for d in District.objects.order_by("code")
            ),
        ),
        Column(
            name="matter",
            zh="事项",
            en="Matter",
            kind="choice",
            required=True,
            choices=lambda: _words(MATTERS),
        ),
        _code("unit", "责任单位代码", "Unit code"),
        _code("person", "责任人账号", "Person's account"),
        _code("sponsor", "包抓领导账号", "Leader's account", required=False),
        Column(name="valid_from", zh="自", en="From", kind="day", required=True),
    ),
)


def _unknown(row: Row, column: str, known: Mapping[str, object], code: str) -> list[RowFault]:
    given = row.get(column) or ""
    if not given or given in known:
        return []
    return [RowFault(row.number, column, Problem(code, given=given), str(given))]


def _check_units(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    held = {u.code: u for u in Unit.objects.select_related("parent")}
    coming = {row["code"]: row for row in rows}
    wrong = [
        fault
        for row in rows
        for fault in _unknown(row, "parent", {**held, **coming}, "organisation.unknown_unit")
    ]
    kept = {
        (u.code,): {
            "code": u.code, "name": u.name_zh, "name_en": u.name_en, "kind": u.kind,
            "parent": u.parent.code if u.parent else "", "district": u.district_code,
        }
        for u in held.values()
    }  # fmt: skip
    return compare(rows, UNITS, kept, wrong=wrong)


def _write_units(plan: Plan, /, *, by: User, at: datetime) -> str:
    waiting = [*plan.new, *(change.row for change in plan.changed)]
    coming = {row["code"] for row in waiting}
    while waiting:  # parents before children
        ready = [r for r in waiting if (r.get("parent") or "") not in coming]
        if not ready:
            raise Problem("organisation.units_in_a_circle", units="、".join(sorted(coming)))
        for row in ready:
            old = Unit.objects.filter(code=row["code"]).first()
            register_unit(
                code=row["code"],
                name_zh=row["name"],
                name_en=row.get("name_en") or (old.name_en if old else ""),
                kind=row["kind"],
                parent=Unit.objects.filter(code=row.get("parent") or "").first(),
                district_code=row.get("district") or "",
                by=by,
                at=at,
            )
            coming.discard(row["code"])
        waiting = [r for r in waiting if r["code"] in coming]
    return "/organisation/"


def _check_people(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    units = {u.code: u for u in Unit.objects.all()}
    held = {u.username: u for u in User.objects.select_related("unit")}
    wrong = [
        fault for row in rows for fault in _unknown(row, "unit", units, "organisation.unknown_unit")
    ]
    wrong += [
        RowFault(
            row.number, "username", Problem("organisation.of_enterprise", user=row["username"])
        )
        for row in rows
        if (old := held.get(row["username"])) and old.enterprise_code
    ]
    kept = {
        (u.username,): {
            "username": u.username, "name": u.name, "unit": u.unit.code, "title": u.title,
        }
        for u in held.values()
    }  # fmt: skip
    return compare(rows, PEOPLE, kept, wrong=wrong)


def _write_people(plan: Plan, /, *, by: User, at: datetime) -> str:
    units = {u.code: u for u in Unit.objects.all()}
    for row in [*plan.new, *(change.row for change in plan.changed)]:
        register_person(
            username=row["username"],
            name=row["name"],
            unit=units[row["unit"]],
            title=row.get("title") or "",
            by=by,
            at=at,
        )
    return "/people/"


def _check_duty(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    units = {u.code: u for u in Unit.objects.all()}
    people = {u.username: u for u in User.objects.filter(is_active=True, enterprise_code="")}
    wrong = [
        fault
        for row in rows
        for fault in (
            *_unknown(row, "unit", units, "organisation.unknown_unit"),
            *_unknown(row, "officer", people, "organisation.unknown_person"),
            *_unknown(row, "leader", people, "organisation.unknown_person"),
        )
    ]
    shifts = Shift.objects.filter(day__in={row["day"] for row in rows}).select_related(
        "unit", "officer", "leader"
    )
    kept = {
        (s.day, s.span, s.unit.code): {
            "day": s.day, "span": s.span, "unit": s.unit.code, "officer": s.officer.username,
            "leader": s.leader.username if s.leader else "",
        }
        for s in shifts
    }  # fmt: skip
    return compare(rows, DUTY, kept, wrong=wrong)


def _write_duty(plan: Plan, /, *, by: User, at: datetime) -> str:
    units = {u.code: u for u in Unit.objects.all()}
    people = {u.username: u for u in User.objects.all()}
    for row in [*plan.new, *(change.row for change in plan.changed)]:
        put_shift(
            day=row["day"],
            span=row["span"],
            unit=units[row["unit"]],
            officer=people[row["officer"]],
            leader=people.get(row.get("leader") or ""),
            by=by,
            at=at,
        )
    return "/organisation/duty/"


def _check_matrix(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    units = {u.code: u for u in Unit.objects.all()}
    people = {
        u.username: u
        for u in User.objects.filter(is_active=True, enterprise_code="").select_related("unit")
    }
    wrong = []
    for row in rows:
        faults = [
            *_unknown(row, "unit", units, "organisation.unknown_unit"),
            *_unknown(row, "person", people, "organisation.unknown_person"),
            *_unknown(row, "sponsor", people, "organisation.unknown_person"),
        ]
        if not faults:
            try:
                check_responsibility(
                    unit=units[row["unit"]],
                    user=people[row["person"]],
                    valid_from=row["valid_from"],
                    at=at,
                )
            except Problem as refused:
                faults.append(RowFault(row.number, "person", refused, row["person"]))
        wrong += faults
    coming = {(row["district"], row["matter"]): row for row in rows}
    kept = {}
    for held in in_force(list(coming)):
        row = coming[(held.district_id, held.matter)]
        kept[(held.district_id, held.matter)] = {
            "district": held.district_id,
            "matter": held.matter,
            "unit": held.unit.code,
            "person": held.user.username,
            "sponsor": held.sponsor.username if held.sponsor else "",
            "valid_from": row["valid_from"],  # the same people from another day on are no change
        }
    return compare(rows, MATRIX, kept, wrong=wrong)


def _write_matrix(plan: Plan, /, *, by: User, at: datetime) -> str:
    units = {u.code: u for u in Unit.objects.all()}
    people = {u.username: u for u in User.objects.select_related("unit")}
    districts = {d.code: d for d in District.objects.all()}
    for row in [*plan.new, *(change.row for change in plan.changed)]:
        put_responsibility(
            district=districts[row["district"]],
            matter=row["matter"],
            unit=units[row["unit"]],
            user=people[row["person"]],
            sponsor=people.get(row.get("sponsor") or ""),
            valid_from=row["valid_from"],
            by=by,
            at=at,
        )
    return "/organisation/matrix/"


_GROUP = {"group": "机构与人员", "group_en": "Organisation"}


def _check_calendar(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    wrong = [
        RowFault(
            row.number,
            "end",
            Problem("organisation.days_backwards", start=row["start"], end=row["end"]),
            str(row["end"]),
        )
        for row in rows
        if row["end"] < row["start"] or (row["end"] - row["start"]).days >= LONGEST_SPAN
    ]
    kept = {
        (c.start, c.kind): {
            "start": c.start, "end": c.end, "kind": c.kind, "name": c.name, "notice": c.notice,
        }
        for c in cases.changes().filter(withdrawn_at=None)
    }  # fmt: skip
    return compare(rows, CALENDAR, kept, wrong=wrong)


def _write_calendar(plan: Plan, /, *, by: User, at: datetime) -> str:
    for change in plan.changed:  # what a notice said before gives way to what it says now
        row = change.row
        held = cases.changes().filter(withdrawn_at=None, start=row["start"], kind=row["kind"])
        for old in held:
            deeds.withdraw_change(old, by=by, at=at)
    spans = [
        HolidaySpan(
            row["start"].year, row["start"], row["end"], row["kind"], row["name"], row["notice"]
        )
        for row in [*plan.new, *(change.row for change in plan.changed)]
    ]
    deeds.change_calendar_many(spans=spans, by=by, at=at)
    return "/organisation/calendar/"


register(
    Importer(
        name="organisation.units",
        sheet=UNITS,
        check=_check_units,
        write=_write_units,
        roles=("system_admin",),
        locks=("accounts.Unit",),
        **_GROUP,
        hint="按代码新增、改名、移动单位；不删除。",
        hint_en="Adds, renames and moves units by code; deletes none.",
    )
)
register(
    Importer(
        name="organisation.people",
        sheet=PEOPLE,
        check=_check_people,
        write=_write_people,
        roles=("system_admin",),
        locks=("accounts.User",),
        **_GROUP,
        personal=True,
        hint="开户与调动；角色另由安全管理员授予。",
        hint_en="Opens accounts and moves people; roles are the security administrator's.",
    )
)
register(
    Importer(
        name="organisation.duty",
        sheet=DUTY,
        check=_check_duty,
        write=_write_duty,
        roles=("duty_officer", "department_head"),
        locks=("organisation.Shift",),
        **_GROUP,
        hint="整月值班表；已交班的不改。",
        hint_en="A month's roster; shifts handed over stay.",
    )
)
register(
    Importer(
        name="organisation.calendar",
        sheet=CALENDAR,
        check=_check_calendar,
        write=_write_calendar,
        roles=("department_head", "leader"),
        locks=("cases.CalendarChange",),
        **_GROUP,
        hint="一份放假通知的全部放假与调休日；确认后在办期限一次重算。",
        hint_en="All days off and days worked of a notice; open deadlines are computed again, once.",
    )
)
register(
    Importer(
        name="organisation.matrix",
        sheet=MATRIX,
        check=_check_matrix,
        write=_write_matrix,
        roles=("department_head",),
        locks=("registry.Responsibility",),
        **_GROUP,
        hint="哪个区市、什么事、谁负责，自某日起；在办案件不变。",
        hint_en="Who answers for which matter in which district, from a day on; open cases stay.",
    )
)
