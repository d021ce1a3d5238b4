"""The ledger of outfalls brought and taken (排污口台账导入导出): a changed row is a new version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.standards.outfalls import class_in_english, outfall_classes
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.roles import STAFF
from qingyuan.web.accounts.scope import Scope, scope_of
from qingyuan.web.accounts.services.organisation import pinyin_key
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.exchange import (
    Choice,
    Column,
    Exporter,
    Importer,
    Kind,
    Plan,
    Row,
    RowFault,
    Sheet,
    Table,
    compare,
    register,
)
from qingyuan.web.outfalls.models import RECORD_FIELDS, OutfallRecord
from qingyuan.web.outfalls.selectors import FILTERS, narrowed
from qingyuan.web.outfalls.services import revise
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.exchange import (
    district_choices,
    exact,
    field_choices,
    out_of_scope,
)
from qingyuan.web.registry.models import Enterprise, Outfall

__all__ = ["OUTFALLS", "register_tables"]

_REASON = "台账导入"
_FILTERS = dict(zip(FILTERS, ("查找", "区市", "类别", "整治", "监测", "使用"), strict=True))
_REGISTERED = ("code", "name", "name_en", "district", "town_code", "bank", "enterprise")


def _classes() -> tuple[Choice, ...]:
    """Return the classes of the standard, and what older records say besides."""
    known = list(outfall_classes())
    held = Outfall.objects.exclude(outfall_class__in=known).values_list("outfall_class", flat=True)
    old = sorted({name for name in held if name})
    return tuple(Choice(name, name, class_in_english(name)) for name in (*known, *old))


def _kept(name: str, zh: str, en: str, kind: Kind = "text", **more: Any) -> Column:
    """Return a column that leaves what is kept alone when it is blank."""
    return Column(name=name, zh=zh, en=en, kind=kind, keep=True, **more)


def _listed(name: str, zh: str, en: str) -> Column:
    return _kept(name, zh, en, "choice", choices=lambda: field_choices(OutfallRecord, name))


OUTFALLS = Sheet(
    name="outfalls", title="入河排污口", title_en="Outfalls into rivers", key=("code",), shape="point",
    columns=(
        Column(name="code", zh="编号", en="Code", kind="code", required=True, width=18, most=40, aliases=("排污口编号",),
               note="已有编号的行产生一个新版本，没有的是新增", note_en="A known code gets a new version, an unknown one is added"),
        Column(name="name", zh="名称", en="Name", required=True, width=30, most=120, aliases=("排污口名称",)),
        _kept("name_en", "英文名称", "English name", width=30, most=160),
        Column(name="district", zh="区市", en="District", kind="choice", required=True, choices=district_choices, aliases=("区县", "所在区市")),
        _kept("town_code", "所在镇街", "Town code", "code", most=40),
        _kept("bank", "岸别", "Bank", "choice", choices=lambda: field_choices(Outfall, "bank")),
        _kept("enterprise", "责任主体编号", "Enterprise code", "code", most=40, note="企业编号；企业须已登记", note_en="A registered enterprise"),
        _kept("official_code", "官方编码", "Official code", "code", width=24, most=60, note="HJ 1235-2021", note_en="HJ 1235-2021"),
        Column(name="outfall_class", zh="类别", en="Class", kind="choice", required=True, choices=_classes, width=22, note="HJ 1312-2023 表1 最细一级", note_en="HJ 1312-2023 table 1, narrowest level"),
        Column(name="lon", zh="经度", en="Longitude", kind="lon", required=True, unit="°", width=13),
        Column(name="lat", zh="纬度", en="Latitude", kind="lat", required=True, unit="°", width=13),
        _listed("coordinate", "坐标来源", "Source of the coordinates"),
        _kept("coordinate_error_m", "坐标误差", "Error of the coordinates", "number", unit="m"),
        _kept("function_zone", "水功能区", "Water function zone", most=80),
        _kept("target_class", "目标类别", "Target class", most=4),
        _listed("way", "排放方式", "Way of discharge"),
        _listed("mouth", "入河方式", "Mouth"),
        _kept("pipe_mm", "管径", "Pipe", "whole", unit="mm"),
        _kept("channel_width_m", "受纳水面宽", "Width of the water", "number", unit="m"),
        _kept("found_level", "排查级别", "Level of the survey", "whole", note="1、2 或 3", note_en="1, 2 or 3"),
        _kept("found_on", "发现日期", "Found on", "day"),
        _listed("route", "设置途径", "Route"),
        _kept("approval_no", "批复或登记号", "Approval or registration", "code", width=22, most=60),
        _kept("approved_on", "批复或登记日期", "Approved on", "day"),
        _kept("approved_m3_d", "核定排水量", "Approved discharge", "number", unit="m³/d"),
        _kept("approved_pollutants", "核定污染物", "Approved pollutants", most=200),
        _listed("monitoring", "监测方式", "Monitoring"),
        _kept("frequency", "监测频次", "Frequency", most=40),
        _kept("flow_m3_d", "估计流量", "Estimated flow", "number", unit="m³/d"),
        _kept("tracing_result", "溯源结果", "Result of tracing", width=30, most=300),
        _kept("tracing_method", "溯源方法", "Method of tracing", most=120),
        _kept("problem", "问题类型", "Problem", most=120),
        _listed("cure", "整治类型", "Kind of cure"),
        _kept("measures", "整治措施", "Measures", width=36, most=400),
        _kept("cure_by", "整治期限", "Cure by", "day"),
        _kept("responsible", "责任人", "Responsible person", most=60),
        _listed("state", "环节", "Stage"),
    ),
)  # fmt: skip
_RECORDED = tuple(c.name for c in OUTFALLS.columns if c.name in RECORD_FIELDS)


def _values(outfall: Outfall, record: OutfallRecord) -> dict[str, object]:
    """Return what is kept of an outfall, as a file would say it."""
    known: dict[str, object] = {
        "code": outfall.code, "name": outfall.name_zh, "name_en": outfall.name_en,
        "district": outfall.district_id, "town_code": outfall.town_code, "bank": outfall.bank,
        "enterprise": outfall.enterprise_id or "",
    }  # fmt: skip
    return known | {name: exact(getattr(record, name)) for name in _RECORDED}


def _open_records() -> dict[str, OutfallRecord]:
    return {row.outfall_id: row for row in OutfallRecord.objects.filter(valid_to=None)}


def check(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    """Say what rows would do: new outfalls, new versions, or nothing."""
    scope, records = scope_of(by, on=city_date(at)), _open_records()
    known = {row.code: row for row in Outfall.objects.all()}
    held = {
        (code,): _values(row, records.get(code) or OutfallRecord.as_registered(row, at=at))
        for code, row in known.items()
    }
    return compare(rows, OUTFALLS, held, wrong=_faults(rows, known, held, scope))


def _faults(
    rows: Sequence[Row],
    known: Mapping[str, Outfall],
    held: Mapping[tuple[object, ...], Mapping[str, object]],
    scope: Scope,
) -> list[RowFault]:
    wrong = out_of_scope(rows, scope)
    firms = set(Enterprise.objects.values_list("code", flat=True))
    city = registry.city()
    pattern = re.compile(city.outfall_code_pattern) if city and city.outfall_code_pattern else None
    waterway, classes = registry.Waterway(), outfall_classes()
    for row in rows:
        code, before = row["code"], known.get(row["code"])
        if before and not scope.city and before.district_id not in scope.districts:
            wrong.append(
                RowFault(row.number, "code", Problem("registry.code_taken", value=code), code)
            )
        if before and before.ended_on:
            problem = Problem("outfalls.import_ended", value=code, on=before.ended_on)
            wrong.append(RowFault(row.number, "code", problem, code))
        firm = row.get("enterprise") or ""
        if firm and firm not in firms:
            wrong.append(
                RowFault(
                    row.number,
                    "enterprise",
                    Problem("outfalls.no_such_enterprise", value=firm),
                    firm,
                )
            )
        official = row.get("official_code") or ""
        if official and pattern and not pattern.fullmatch(official):
            problem = Problem("outfalls.code_pattern", given=official, pattern=pattern.pattern)
            wrong.append(RowFault(row.number, "official_code", problem, official))
        if row["outfall_class"] not in classes and row["outfall_class"] != (
            before.outfall_class if before else ""
        ):
            problem = Problem("outfalls.unknown_class", given=row["outfall_class"])
            wrong.append(RowFault(row.number, "outfall_class", problem, row["outfall_class"]))
        wrong += _ranges(row)
        was = held.get((code,))
        place = (row["lon"], row["lat"])
        moved = was is None or place != (was["lon"], was["lat"])
        if moved and waterway.snap(float(place[0]), float(place[1])) is None:
            problem = Problem("outfalls.off_river", lon=place[0], lat=place[1])
            wrong.append(RowFault(row.number, "lon", problem, str(place[0])))
    return wrong


def _ranges(row: Row) -> list[RowFault]:
    """Return what the record's own bounds refuse."""
    wrong = []
    level = row.get("found_level")
    if level is not None and level not in (1, 2, 3):
        wrong.append(
            RowFault(
                row.number, "found_level", Problem("outfalls.survey_level", value=level), str(level)
            )
        )
    for name in ("pipe_mm", "approved_m3_d", "flow_m3_d", "channel_width_m", "coordinate_error_m"):
        value = row.get(name)
        if value is not None and value < 0:
            wrong.append(
                RowFault(row.number, name, Problem("outfalls.negative", value=value), str(value))
            )
    return wrong


def write(plan: Plan, /, *, by: User, at: datetime) -> str:
    """Add outfalls with their first version; give changed ones their next."""
    today = city_date(at)
    waterway = registry.Waterway()
    for row in plan.new:
        _add(row, waterway, by=by, at=at, today=today)
    codes = [change.row["code"] for change in plan.changed]
    outfalls = {row.code: row for row in Outfall.objects.filter(code__in=codes)}
    records = _open_records()
    for change in plan.changed:
        outfall = outfalls[change.row["code"]]
        _change(outfall, {name: change.row[name] for name in change.fields}, by=by, at=at)
        recorded = {name: _native(change.row[name]) for name in change.fields if name in _RECORDED}
        if recorded:
            record = records.get(outfall.code)
            revise(
                outfall, recorded, reason=_REASON, valid_from=max(today, record.valid_from) if record else today,
                seen=record.version if record else 0, by=by, at=at,
            )  # fmt: skip
    return "/outfalls/"


def _native(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def _change(outfall: Outfall, values: Mapping[str, Any], *, by: User, at: datetime) -> None:
    """Keep what the registry itself says of an outfall: name, district, bank, who is responsible."""
    given = {name: value for name, value in values.items() if name in _REGISTERED}
    if not given:
        return
    before = {name: getattr(outfall, _FIELDS.get(name, name)) for name in given}
    for name, value in given.items():
        setattr(
            outfall, _FIELDS.get(name, name), (value or None) if name == "enterprise" else value
        )
    if "name" in given:
        outfall.sort_key = pinyin_key(given["name"])
    outfall.save()
    audit.record(
        actor=Actor.of(by),
        deed="outfalls.import_change",
        target=f"outfall:{outfall.code}",
        at=at,
        clause="部令第35号 入河排污口台账",
        detail={name: [before[name], value] for name, value in given.items()},
    )


_FIELDS = {"name": "name_zh", "district": "district_id", "enterprise": "enterprise_id"}


def _add(row: Row, waterway: registry.Waterway, *, by: User, at: datetime, today: date) -> None:
    spot = waterway.snap(float(row["lon"]), float(row["lat"]))
    if spot is None:
        raise Problem("outfalls.off_river", lon=row["lon"], lat=row["lat"])
    recorded = {name: _native(row[name]) for name in _RECORDED if name in row.values}
    outfall = Outfall.objects.create(
        code=row["code"],
        name_zh=row["name"],
        name_en=row.get("name_en", ""),
        sort_key=pinyin_key(row["name"]),
        district_id=row["district"],
        town_code=row.get("town_code", ""),
        bank=row.get("bank", ""),
        enterprise_id=row.get("enterprise") or None,
        reach_id=spot.reach,
        position_m=spot.position_m,
        lon=recorded["lon"],
        lat=recorded["lat"],
        outfall_class=recorded["outfall_class"],
        official_code=recorded.get("official_code", ""),
        permitted_m3_d=recorded.get("approved_m3_d"),
        online=recorded.get("monitoring") == OutfallRecord.Monitoring.ONLINE,
    )
    OutfallRecord.objects.create(
        outfall=outfall,
        version=1,
        valid_from=today,
        reason=_REASON,
        made_by=by,
        made_at=at,
        **recorded,
    )
    audit.record(
        actor=Actor.of(by),
        deed="outfalls.import_new",
        target=f"outfall:{outfall.code}",
        at=at,
        clause="部令第35号 入河排污口台账",
        detail={"name": outfall.name_zh, "class": outfall.outfall_class, "reach": spot.reach},
    )


def make(query: str, /, *, by: User, at: datetime) -> Table:
    """Gather the outfalls a person may see."""
    asked = {n: v[-1].strip() for n, v in parse_qs(query).items() if n in FILTERS}
    found = narrowed(registry.outfalls(scope_of(by, on=city_date(at))), **asked)
    filters = {_FILTERS[name]: value for name, value in asked.items() if value}
    records = _open_records()
    return Table(
        sheet=OUTFALLS.settled(),
        rows=(
            _values(row, records.get(row.code) or OutfallRecord.as_registered(row, at=at))
            for row in found
        ),
        count=found.count(),
        filters=filters,
    )


def register_tables() -> None:
    """Register the ledger of outfalls."""
    register(
        Importer(
            name="outfalls.outfalls",
            sheet=OUTFALLS,
            check=check,
            write=write,
            roles=("district_officer", "department_head"),
            locks=("registry.Outfall", "outfalls.OutfallRecord"),
            group="基础档案",
            group_en="Registry",
            hint="表格或点位图层均可；改动的行各产生一个档案版本",
            hint_en="A table or a layer of points; every changed row becomes a version of its record",
            order=11,
        )
    )
    register(
        Exporter(
            name="outfalls.outfalls",
            title=OUTFALLS.title,
            title_en=OUTFALLS.title_en,
            make=make,
            roles=STAFF,
        )
    )
