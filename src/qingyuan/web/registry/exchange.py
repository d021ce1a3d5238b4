"""Enterprises, sections and districts brought and taken (台账导入导出)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import shapely
from django.db import models
from django.db.models import QuerySet
from django.utils import translation

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope, scope_of
from qingyuan.web.accounts.services.organisation import pinyin_key
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.exchange import (
    Change,
    Choice,
    Column,
    Exporter,
    Importer,
    Plan,
    Row,
    RowFault,
    Sheet,
    Table,
    compare,
    register,
)
from qingyuan.web.registry import selectors
from qingyuan.web.registry.models import District, Enterprise, RiverReach, Section
from qingyuan.web.registry.models.geometry import box_columns
from qingyuan.web.registry.models.territory import CLASSES
from qingyuan.web.registry.services.dated import put_targets

__all__ = [
    "district_choices",
    "exact",
    "field_choices",
    "out_of_scope",
    "register_tables",
    "searched",
]

_FIELDS = {"name": "name_zh", "district": "district_id", "reach": "reach_id"}
_STAFF = ("duty_officer", "district_officer", "department_head", "vice_leader", "leader")
_SHOWN = 200  # changes an audit entry names one by one


def district_choices() -> tuple[Choice, ...]:
    """Return the districts as choices of a column."""
    rows = District.objects.order_by("code").values_list("code", "name_zh", "name_en")
    return tuple(Choice(*row) for row in rows)


def exact(value: object) -> object:
    """Return a kept float as the decimal a file would give."""
    return Decimal(f"{value:.15g}") if isinstance(value, float) else value


def field_choices(model: type[models.Model], name: str) -> tuple[Choice, ...]:
    """Return a field's choices in both languages; asked for when a file is read, not before."""
    found = list(model._meta.get_field(name).choices or ())
    with translation.override("zh-hans"):
        zh = [str(label) for _, label in found]
    with translation.override("en"):
        en = [str(label) for _, label in found]
    return tuple(Choice(str(code), a, b) for (code, _), a, b in zip(found, zh, en, strict=True))


def _named(zh: str, en: str) -> tuple[Column, Column, Column]:
    return (
        Column(name="code", zh=zh, en=en, kind="code", required=True, width=18, most=40,
               note="已有编号的行是变更，没有的是新增", note_en="A known code changes that row, an unknown one adds a row"),
        Column(name="name", zh="名称", en="Name", required=True, width=30, most=120),
        Column(name="name_en", zh="英文名称", en="English name", width=30, most=160, keep=True),
    )  # fmt: skip


_DISTRICT = Column(
    name="district", zh="区市", en="District", kind="choice", required=True, choices=district_choices, width=12,
    aliases=("区县", "所在区市", "考核区市", "district_code"),
)  # fmt: skip
_LON = Column(name="lon", zh="经度", en="Longitude", kind="lon", required=True, unit="°", width=13)
_LAT = Column(name="lat", zh="纬度", en="Latitude", kind="lat", required=True, unit="°", width=13)

ENTERPRISES = Sheet(
    name="enterprises", title="企业", title_en="Enterprises", key=("code",), shape="point",
    columns=(
        *_named("企业编号", "Enterprise code"),
        Column(name="credit_code", zh="统一社会信用代码", en="Unified social credit code", kind="credit", required=True, width=22),
        Column(name="trade", zh="行业代码", en="Trade code", kind="code", required=True, digits=4, most=8, note="GB/T 4754-2017 四位小类", note_en="GB/T 4754-2017, four digits"),
        Column(name="trade_zh", zh="行业", en="Trade", required=True, most=80, aliases=("行业名称",)),
        _DISTRICT,
        Column(name="town_code", zh="所在镇街", en="Town code", kind="code", most=40, keep=True),
        Column(name="address", zh="地址", en="Address", width=36, most=240, keep=True),
        _LON, _LAT,
        Column(name="size", zh="规模", en="Size", kind="choice", choices=lambda: field_choices(Enterprise, "size"), keep=True),
        Column(name="permit_no", zh="排污许可证编号", en="Discharge permit", kind="code", width=24, most=40, keep=True),
        Column(name="permit_class", zh="排污许可管理类别", en="Permit class", kind="choice", choices=lambda: field_choices(Enterprise, "permit_class"), width=16, keep=True),
    ),
)  # fmt: skip
SECTIONS = Sheet(
    name="sections", title="监测断面", title_en="Monitored sections", key=("code",), shape="point",
    columns=(
        *_named("断面编号", "Section code"),
        Column(name="reach", zh="所在河段", en="Reach", kind="code", most=40, keep=True,
               note="不填则按经纬度落到最近的河段", note_en="Left blank, the nearest reach is taken by longitude and latitude"),
        Column(name="position_m", zh="距河段上游端", en="Distance from the upstream end", kind="number", unit="m", keep=True),
        _LON, _LAT,
        Column(name="kind", zh="级别", en="Level", kind="choice", required=True, choices=lambda: field_choices(Section, "kind")),
        Column(name="water_type", zh="水体类型", en="Water type", kind="choice", required=True, choices=lambda: field_choices(Section, "water_type")),
        Column(name="target", zh="水质目标", en="Target class", kind="choice", required=True, aliases=("目标类别", "target_class"),
               choices=tuple(Choice(c, c, c) for c in CLASSES), note="GB 3838-2002；变更自导入当日起执行", note_en="GB 3838-2002; a change holds from the day of import"),
        Column(name="interval_min", zh="监测间隔", en="Interval", kind="number", required=True, unit="min"),
        _DISTRICT,
    ),
)  # fmt: skip
DISTRICTS = Sheet(
    name="districts", title="区市界线", title_en="District boundaries", key=("code",), shape="polygon",
    columns=(
        *_named("行政区划代码", "Division code"),
        Column(name="kind", zh="类别", en="Kind", kind="choice", required=True, choices=lambda: field_choices(District, "kind")),
    ),
)  # fmt: skip


def out_of_scope(rows: Iterable[Row], scope: Scope) -> list[RowFault]:
    """Return the faults of rows in districts the person does not keep."""
    if scope.city:
        return []
    return [
        RowFault(
            row.number, "district", Problem("registry.district_not_yours"), str(row["district"])
        )
        for row in rows
        if row["district"] not in scope.districts
    ]


@dataclass(frozen=True)
class _Registered:
    """One table of the registry with its form: how its rows are judged and written."""

    model: type[models.Model]
    sheet: Sheet
    faults: Callable[[Sequence[Row], Mapping[Any, Any], Scope], list[RowFault]]

    def held(self) -> dict[tuple[object, ...], dict[str, object]]:
        """Return what is kept, as a file would say it."""
        names = [c.name for c in self.sheet.columns if c.name != "target"]
        fields = [_FIELDS.get(name, name) for name in names]
        return {
            (row[0],): dict(zip(names, map(exact, row), strict=True))
            for row in self.model._default_manager.values_list(*fields)
        }

    def check(self, rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
        """Say what rows would do."""
        held = self.held()
        scope = scope_of(by, on=city_date(at))
        wrong = self.faults(rows, held, scope)
        if self.model is Section:
            today = city_date(at)
            for section in Section.objects.prefetch_related("targets"):
                held[(section.code,)]["target"] = section.target_on(today)
            rows, off = _snapped(rows)
            wrong += off
        plan = compare(rows, self.sheet, held, wrong=wrong)
        return _with_borders(plan) if self.model is District else plan

    def write(self, plan: Plan, /, *, by: User, at: datetime) -> str:
        """Make and change rows; the audit names what was changed."""
        new = [self._made(row) for row in plan.new]
        self.model._default_manager.bulk_create(new, batch_size=500)
        codes = [change.row["code"] for change in plan.changed]
        kept = {row.code: row for row in self.model._default_manager.filter(code__in=codes)}
        touched: set[str] = set()
        for change in plan.changed:
            fields = self._fields({n: change.row.get(n) for n in change.fields}, change.row)
            for name, value in fields.items():
                setattr(kept[change.row["code"]], name, value)
            touched |= fields.keys()
        if touched:
            self.model._default_manager.bulk_update(
                kept.values(), [n.removesuffix("_id") for n in touched], batch_size=500
            )
        if self.model is Section:
            rows = [*plan.new, *(change.row for change in plan.changed)]
            put_targets(
                {row["code"]: row["target"] for row in rows if "target" in row.values}, at=at
            )
        _record(f"registry.import_{self.sheet.name}", plan, by=by, at=at)
        return ""

    def _made(self, row: Row) -> models.Model:
        # blank where the table needs a text; left out where it may be null
        return self.model(**self._fields(row.values, row, new=True))

    def _fields(
        self, values: Mapping[str, Any], row: Row, *, new: bool = False
    ) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, value in values.items():
            if name in ("target", "shape"):
                continue
            found[_FIELDS.get(name, name)] = float(value) if isinstance(value, Decimal) else value
        if "name" in values:
            found["sort_key"] = pinyin_key(values["name"])
        if row.shape is not None and self.model is District and (new or "shape" in values):
            found |= box_columns(shapely.from_wkb(row.shape))
        return found


def _record(deed: str, plan: Plan, *, by: User, at: datetime) -> None:
    audit.record(
        actor=Actor.of(by),
        deed=deed,
        target="registry",
        at=at,
        clause="台账导入",
        detail={
            "new": [row["code"] for row in plan.new[:_SHOWN]],
            "new_count": len(plan.new),
            "changed": {c.row["code"]: {n: list(p) for n, p in c.fields.items()} for c in plan.changed[:_SHOWN]},
            "changed_count": len(plan.changed),
        },
    )  # fmt: skip


def _enterprise_faults(
    rows: Sequence[Row], held: Mapping[Any, Any], scope: Scope
) -> list[RowFault]:
    wrong = out_of_scope(rows, scope)
    owner = {values["credit_code"]: code for (code,), values in held.items()}
    seen: dict[str, int] = {}
    for row in rows:
        code, credit = row["code"], row["credit_code"]
        before = held.get((code,))
        if before and not scope.city and before["district"] not in scope.districts:
            wrong.append(
                RowFault(row.number, "code", Problem("registry.code_taken", value=code), code)
            )
        if owner.get(credit, code) != code:
            wrong.append(
                RowFault(
                    row.number,
                    "credit_code",
                    Problem("registry.credit_code_taken", value=credit),
                    credit,
                )
            )
        first = seen.setdefault(credit, row.number)
        if first != row.number:
            problem = Problem("exchange.twice", value=credit, first=first)
            wrong.append(RowFault(row.number, "credit_code", problem, credit))
    return wrong


def _section_faults(rows: Sequence[Row], held: Mapping[Any, Any], scope: Scope) -> list[RowFault]:
    wrong = out_of_scope(rows, scope)
    lengths = dict(RiverReach.objects.values_list("code", "length_m"))
    for row in rows:
        reach, position = row.get("reach", ""), row.get("position_m")
        if reach and reach not in lengths:
            wrong.append(
                RowFault(row.number, "reach", Problem("registry.no_such_reach", value=reach), reach)
            )
        elif reach and position is not None and not 0 <= position <= Decimal(str(lengths[reach])):
            problem = Problem(
                "registry.beyond_reach", value=position, reach=reach, length=round(lengths[reach])
            )
            wrong.append(RowFault(row.number, "position_m", problem, str(position)))
        if not Decimal("0.5") <= row["interval_min"] <= 1440:
            problem = Problem("registry.interval", value=row["interval_min"])
            wrong.append(RowFault(row.number, "interval_min", problem, str(row["interval_min"])))
    return wrong


def _snapped(rows: Sequence[Row]) -> tuple[list[Row], list[RowFault]]:
    """Return the rows with the reach their place lies on, where the file names none."""
    waterway: selectors.Waterway | None = None
    known = set(Section.objects.values_list("code", flat=True))
    done: list[Row] = []
    wrong: list[RowFault] = []
    for row in rows:
        if row.get("reach") or row["code"] in known:
            if row.get("position_m") is None and row["code"] not in known:
                wrong.append(
                    RowFault(
                        row.number, "position_m", Problem("exchange.empty", column="距河段上游端")
                    )
                )
            done.append(row)
            continue
        waterway = waterway or selectors.Waterway()
        spot = waterway.snap(float(row["lon"]), float(row["lat"]))
        if spot is None:
            wrong.append(
                RowFault(
                    row.number, "lon", Problem("registry.off_river", lon=row["lon"], lat=row["lat"])
                )
            )
            done.append(row)
            continue
        place = {"reach": spot.reach, "position_m": exact(round(spot.position_m, 1))}
        done.append(Row(row.number, {**row.values, **place}, row.shape))
    return done, wrong


def _district_faults(rows: Sequence[Row], held: Mapping[Any, Any], scope: Scope) -> list[RowFault]:
    wrong = []
    for row in rows:
        if (row["code"],) not in held and row.shape is None:
            wrong.append(
                RowFault(row.number, "code", Problem("registry.no_border", value=row["code"]))
            )
        elif row.shape is not None and not shapely.from_wkb(row.shape).is_valid:
            wrong.append(
                RowFault(row.number, "code", Problem("registry.bad_border", value=row["code"]))
            )
    return wrong


def _with_borders(plan: Plan) -> Plan:
    """Return the plan with the borders that would change."""
    held = dict(District.objects.values_list("code", "wkb"))
    changes = {change.row.number: dict(change.fields) for change in plan.changed}
    rows = {row.number: row for row in (*plan.same, *(c.row for c in plan.changed))}
    for number, row in rows.items():
        if row.shape is not None and row.shape != held[row["code"]]:
            pair = (_border(held[row["code"]]), _border(row.shape))
            changes.setdefault(number, {})["shape"] = pair
    return Plan(
        plan.new,
        tuple(Change(rows[number], fields) for number, fields in sorted(changes.items())),
        tuple(row for row in plan.same if row.number not in changes),
        plan.wrong,
    )


def _border(wkb: bytes) -> str:
    shape = shapely.from_wkb(wkb)
    west, south, east, north = (f"{value:.5f}" for value in shape.bounds)
    return f"{shapely.count_coordinates(shape)} · {west},{south},{east},{north}"


def searched(found: QuerySet[Any], query: str) -> tuple[QuerySet[Any], dict[str, str]]:
    """Narrow a table by the words and the district of a ledger's query; and say so in words."""
    asked = {name: values[-1].strip() for name, values in parse_qs(query).items()}
    filters = {}
    if text := asked.get("text") or asked.get("q") or "":
        found = selectors.matching(found, text)
        filters["查找"] = text
    if code := asked.get("district", ""):
        found = found.filter(district_id=code)
        filters["区市"] = code
    return found, filters


def _taken(sheet: Sheet, rows_of: Callable[[Scope], QuerySet[Any]]) -> Callable[..., Table]:
    def make(query: str, /, *, by: User, at: datetime) -> Table:
        found = rows_of(scope_of(by, on=city_date(at)))
        found, filters = searched(found, query) if sheet is not DISTRICTS else (found, {})
        today = city_date(at)

        def said(row: Any) -> dict[str, object]:
            values = {
                c.name: exact(getattr(row, _FIELDS.get(c.name, c.name), None))
                for c in sheet.columns
            }
            if sheet is SECTIONS:
                values["target"] = row.target_on(today)
            if sheet is DISTRICTS:
                values["shape"] = row.wkb
            return values

        return Table(
            sheet=sheet.settled(),
            rows=(said(row) for row in found.iterator(chunk_size=500)),
            count=found.count(),
            filters=filters,
        )

    return make


def register_tables() -> None:
    """Register what the registry brings and takes."""
    tables = (
        (Enterprise, ENTERPRISES, _enterprise_faults, selectors.enterprises, ("district_officer", "department_head"), 10),
        (Section, SECTIONS, _section_faults, selectors.sections, ("department_head",), 12),
        (District, DISTRICTS, _district_faults, selectors.districts, ("department_head",), 13),
    )  # fmt: skip
    for model, sheet, faults, rows_of, keepers, order in tables:
        kept = _Registered(model, sheet, faults)
        register(
            Importer(
                name=f"registry.{sheet.name}",
                sheet=sheet,
                check=kept.check,
                write=kept.write,
                roles=keepers,
                locks=(f"registry.{model.__name__}",),
                group="基础档案",
                group_en="Registry",
                hint="表格或图层均可；以编号识别"
                if sheet is not DISTRICTS
                else "新区市须带界线（GeoJSON、GPKG 或 Shapefile）",
                hint_en="A table or a layer; rows are known by their code"
                if sheet is not DISTRICTS
                else "A new district needs its border (GeoJSON, GPKG or Shapefile)",
                order=order,
            )
        )
        register(
            Exporter(
                name=f"registry.{sheet.name}",
                title=sheet.title,
                title_en=sheet.title_en,
                make=_taken(sheet, rows_of),
                roles=_STAFF,
            )
        )
