"""The register and the leads brought and taken (扬尘源、图斑导入导出), as table or layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import shapely

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.roles import STAFF
from qingyuan.web.accounts.scope import Scope, scope_of
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.models import Lead, SiteRecord
from qingyuan.web.dust.selectors.duties import lead_department
from qingyuan.web.dust.tables import departments, kinds
from qingyuan.web.exchange import (
    Change,
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
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.exchange import district_choices, exact, field_choices, out_of_scope

__all__ = ["LEADS", "SITES", "register_tables"]

_KEEPERS = ("district_officer", "department_head")
_REASON = "台账导入"


def _kinds() -> tuple[Choice, ...]:
    return tuple(Choice(k.code, k.zh, k.en) for k in kinds().values())


def _departments() -> tuple[Choice, ...]:
    return tuple(
        choice
        for d in departments().values()
        for choice in (Choice(d.code, d.zh, d.en), Choice(d.code, d.short_zh, d.short_en))
    )


def _kept(name: str, zh: str, en: str, kind: Kind = "text", **more: Any) -> Column:
    """Return a column that leaves what is kept alone when it is blank."""
    return Column(name=name, zh=zh, en=en, kind=kind, keep=True, **more)


_WHERE = (
    Column(name="lon", zh="经度", en="Longitude", kind="lon", required=True, unit="°", width=13),
    Column(name="lat", zh="纬度", en="Latitude", kind="lat", required=True, unit="°", width=13),
)
SITES = Sheet(
    name="dust_sites", title="扬尘源", title_en="Dust sources", key=("code",), shape="place",
    columns=(
        Column(name="code", zh="编号", en="Code", kind="code", required=True, width=18, most=40,
               note="已有编号的行产生一个新版本，没有的是新增", note_en="A known code gets a new version, an unknown one is added"),
        Column(name="name", zh="名称", en="Name", required=True, width=30, most=120, aliases=("项目名称", "点位名称")),
        _kept("name_en", "英文名称", "English name", width=30, most=160),
        Column(name="kind", zh="类别", en="Kind", kind="choice", required=True, choices=_kinds),
        Column(name="district", zh="区市", en="District", kind="choice", required=True, choices=district_choices, aliases=("区县", "所在区市")),
        _kept("town_code", "所在镇街", "Town code", "code", most=40),
        _kept("address", "地址", "Address", width=36, most=240),
        *_WHERE,
        _kept("department", "责任部门", "Department", "choice", choices=_departments, note="不填则按类别的职责表", note_en="Left blank, by the table of duties"),
        _kept("unit", "监管单位代码", "Unit code", "code", most=40, note="组织机构中的代码", note_en="A code of the organisation"),
        _kept("person", "监管责任人账户", "Person (user name)", "code", most=60),
        _kept("holder", "责任单位", "Responsible body", width=30, most=120, aliases=("建设单位", "施工单位")),
        _kept("holder_person", "单位负责人", "Its head", most=60),
        _kept("stage", "施工阶段", "Stage", "choice", choices=lambda: field_choices(SiteRecord, "stage")),
        _kept("area_m2", "面积", "Area", "number", unit="m²", note="边界图层不填则按图形量算", note_en="Left blank in a layer of areas, it is measured"),
        _kept("works_from", "开工日期", "Works from", "day"),
        _kept("works_to", "计划完工", "Works to", "day"),
        _kept("state", "状态", "State", "choice", choices=lambda: field_choices(SiteRecord, "state")),
        _kept("note", "备注", "Note", width=36, most=400),
    ),
)  # fmt: skip
LEADS = Sheet(
    name="dust_leads", title="扬尘源图斑", title_en="Patches seen from above", key=("code",), shape="place",
    columns=(
        Column(name="code", zh="图斑编号", en="Patch code", kind="code", required=True, width=18, most=40,
               note="图片以此为文件名，另在线索页上传", note_en="Pictures are named by it and uploaded on the leads' page"),
        Column(name="seen_by", zh="手段", en="Seen by", kind="choice", required=True, choices=lambda: field_choices(Lead, "seen_by")),
        Column(name="taken_on", zh="影像日期", en="Image taken on", kind="day", required=True),
        Column(name="kind", zh="类别", en="Kind", kind="choice", required=True, choices=_kinds, aliases=("图斑类型", "解译类别")),
        *_WHERE,
        _kept("image", "影像", "Image", most=120, width=24, note="卫星与分辨率，或架次", note_en="Satellite and resolution, or flight"),
        _kept("area_m2", "面积", "Area", "number", unit="m²"),
        _kept("note", "解译说明", "What it shows", width=36, most=400),
    ),
)  # fmt: skip
_RENAMED = {"name": "name_zh", "district": "district_id"}


def _values(row: SiteRecord) -> dict[str, object]:
    """Return what is kept of a site, as a file would say it."""
    return {
        "code": row.site_id,
        "name": row.name_zh,
        "district": row.district_id,
        "unit": row.unit.code if row.unit else "",
        "person": row.person.username if row.person else "",
        **{
            name: exact(getattr(row, name))
            for name in (
                "name_en", "kind", "town_code", "address", "lon", "lat", "department", "holder",
                "holder_person", "stage", "area_m2", "works_from", "works_to", "state", "note",
            )
        },
    }  # fmt: skip


def _held() -> dict[str, SiteRecord]:
    return {
        row.site_id: row
        for row in SiteRecord.objects.filter(valid_to=None).select_related("unit", "person")
    }


def check_sites(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    """Say what rows would do: new sites, new versions, or nothing."""
    scope, held = scope_of(by, on=city_date(at)), _held()
    kept = {(code,): _values(row) for code, row in held.items()}
    plan = compare(rows, SITES, kept, wrong=_site_faults(rows, held, scope))
    return _with_outlines(plan, held)


def _site_faults(rows: Sequence[Row], held: dict[str, SiteRecord], scope: Scope) -> list[RowFault]:
    wrong = out_of_scope(rows, scope)
    units = set(Unit.objects.values_list("code", flat=True))
    people = set(User.objects.values_list("username", flat=True))
    for row in rows:
        code, before = row["code"], held.get(row["code"])
        if before and not scope.city and before.district_id not in scope.districts:
            problem = Problem("dust.taken_elsewhere", value=code)
            wrong.append(RowFault(row.number, "code", problem, code))
        for name, known, problem_code in (
            ("unit", units, "dust.no_such_unit"),
            ("person", people, "dust.no_such_person"),
        ):
            if (value := row.get(name) or "") and value not in known:
                wrong.append(RowFault(row.number, name, Problem(problem_code, value=value), value))
        begin = row.get("works_from") or (before.works_from if before else None)
        end = row.get("works_to") or (before.works_to if before else None)
        if begin and end and end < begin:
            problem = Problem("dust.works_period", begin=begin, end=end)
            wrong.append(RowFault(row.number, "works_to", problem, str(end)))
        wrong += _shape_faults(row)
    return wrong


def _shape_faults(row: Row) -> list[RowFault]:
    wrong = []
    if (area := row.get("area_m2")) is not None and area < 0:
        wrong.append(
            RowFault(row.number, "area_m2", Problem("dust.negative_area", value=area), str(area))
        )
    if row.shape is not None and not (shape := shapely.from_wkb(row.shape)).is_valid:
        problem = Problem("dust.bad_shape", given=shape.geom_type)
        wrong.append(RowFault(row.number, "code", problem, row["code"]))
    return wrong


def _with_outlines(plan: Plan, held: dict[str, SiteRecord]) -> Plan:
    """Return the plan with the outlines that would change though the point inside stays."""
    changed = {change.row.number: change for change in plan.changed}
    same = []
    for row in plan.same:
        before = held[row["code"]]
        drawn = row.shape is not None and row.shape != before.wkb
        if drawn and (before.shape.geom_type == "Point" or not _is_point(row.shape)):
            pair = (_outline(before.wkb), _outline(row.shape))
            changed[row.number] = Change(row, {"shape": pair})
        else:
            same.append(row)
    return Plan(plan.new, tuple(changed[n] for n in sorted(changed)), tuple(same), plan.wrong)


def _is_point(wkb: bytes | None) -> bool:
    """Whether a row is a bare point: it never wipes out an outline that is known."""
    return wkb is None or shapely.from_wkb(wkb).geom_type == "Point"


def _outline(wkb: bytes | None) -> str:
    shape = shapely.from_wkb(wkb)
    return f"{shape.geom_type} · {shapely.count_coordinates(shape)}"


def _fields(row: Row, names: Iterable[str]) -> dict[str, Any]:
    """Return the record's fields of a row; blanks are left out."""
    found: dict[str, Any] = {}
    for name in names:
        value = row.get(name)
        if value in ("", None) or name in ("code", "shape"):
            continue
        if name == "unit":
            value = Unit.objects.get(code=value)
        elif name == "person":
            value = User.objects.get(username=value)
        elif isinstance(value, Decimal):
            value = float(value)
        found[_RENAMED.get(name, name)] = value
    return found


def write_sites(plan: Plan, /, *, by: User, at: datetime) -> str:
    """Add sites with their first version; give changed ones their next."""
    today = city_date(at)
    for row in plan.new:
        values = _fields(row, row.values)
        values.setdefault("department", lead_department(values["kind"], on=today))
        services.register_site(
            code=row["code"],
            values={"source": SiteRecord.Source.IMPORTED, **values},
            shape=_place(row),
            reason=_REASON,
            valid_from=today,
            by=by,
            at=at,
        )
    held = _held()
    for change in plan.changed:
        before = held[change.row["code"]]
        wanted = _fields(change.row, change.fields)
        shape = _place(change.row) if {"lon", "lat", "shape"} & set(change.fields) else None
        if shape is not None and shape.geom_type != "Point":
            wanted = {name: v for name, v in wanted.items() if name not in ("lon", "lat")}
        services.revise_site(
            before.site,
            wanted,
            shape=shape,
            reason=_REASON,
            valid_from=max(today, before.valid_from),
            seen=before.version,
            by=by,
            at=at,
        )
    return "/dust-sources/"


def _place(row: Row) -> shapely.Geometry:
    if row.shape is not None:
        return shapely.from_wkb(row.shape)
    return shapely.Point(float(row["lon"]), float(row["lat"]))


def check_leads(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    """Say what patches are new; one brought before is left as it is."""
    scope = scope_of(by, on=city_date(at))
    held = {(lead.code,): _lead_values(lead) for lead in Lead.objects.all()}
    wrong = []
    for row in rows:
        wrong += _shape_faults(row)
        place = (float(row["lon"]), float(row["lat"]))
        district = registry.district_of(*place)
        if not district:
            problem = Problem("dust.outside_city", lon=place[0], lat=place[1])
            wrong.append(RowFault(row.number, "lon", problem, f"{place[0]}, {place[1]}"))
        elif not scope.city and district not in scope.districts:
            wrong.append(
                RowFault(
                    row.number,
                    "lon",
                    Problem("dust.taken_elsewhere", value=row["code"]),
                    row["code"],
                )
            )
    plan = compare(rows, LEADS, held, wrong=wrong)
    known = tuple(
        RowFault(
            c.row.number, "code", Problem("dust.lead_known", code=c.row["code"]), c.row["code"]
        )
        for c in plan.changed
    )
    return Plan(plan.new, (), plan.same, (*plan.wrong, *known))


def _lead_values(lead: Lead) -> dict[str, object]:
    return {column.name: exact(getattr(lead, column.name)) for column in LEADS.columns}


def write_leads(plan: Plan, /, *, by: User, at: datetime) -> str:
    """Keep the new patches, matched with register and earlier patches."""
    rows = []
    for row in plan.new:
        values = {name: v for name, v in row.values.items() if v not in ("", None)}
        for name in ("lon", "lat"):
            values.pop(name)
        if "area_m2" in values:
            values["area_m2"] = float(values["area_m2"])
        place = _place(row)
        inside = place.representative_point()
        values["district_id"] = registry.district_of(inside.x, inside.y)
        rows.append((values, place))
    services.take_leads(rows, by=by, at=at)
    return "/dust-sources/leads/"


def _asked(query: str, names: Sequence[str]) -> dict[str, str]:
    given = {name: values[-1].strip() for name, values in parse_qs(query).items()}
    return {name: given[name] for name in names if given.get(name)}


def make_sites(query: str, /, *, by: User, at: datetime) -> Table:
    """Gather the sites a person may see, as the ledger shows them."""
    asked = _asked(query, selectors.FILTERS)
    found = selectors.narrowed(selectors.records(scope_of(by, on=city_date(at))), asked)
    return Table(
        sheet=SITES.settled(),
        rows=({**_values(row), "shape": row.wkb} for row in found.iterator(chunk_size=500)),
        count=found.count(),
        filters=asked,
    )


def make_leads(query: str, /, *, by: User, at: datetime) -> Table:
    """Gather the leads a person may see, as their page shows them."""
    asked = _asked(query, selectors.LEAD_FILTERS)
    found = selectors.leads_narrowed(selectors.leads(scope_of(by, on=city_date(at))), asked)
    return Table(
        sheet=LEADS.settled(),
        rows=({**_lead_values(row), "shape": row.wkb} for row in found.iterator(chunk_size=500)),
        count=found.count(),
        filters=asked,
    )


def register_tables() -> None:
    """Register what dust sources bring and take."""
    for sheet, check, write, make, roles, locks, order, hint, hint_en in (
        (
            SITES, check_sites, write_sites, make_sites, _KEEPERS, ("dust.SiteRecord",), 15,
            "表格、点或面图层均可；改动的行各产生一个档案版本",
            "A table, or a layer of points or areas; every changed row becomes a version of its record",
        ),
        (
            LEADS, check_leads, write_leads, make_leads, (*_KEEPERS, "duty_officer"), ("dust.Lead",), 16,
            "卫星遥感、无人机解译的图斑；导入时与台账和往期图斑比对",
            "Patches interpreted from satellite or drone; matched with the register and earlier patches",
        ),
    ):  # fmt: skip
        register(
            Importer(
                name=f"dust.{sheet.name.removeprefix('dust_')}",
                sheet=sheet,
                check=check,
                write=write,
                roles=roles,
                locks=locks,
                group="基础档案",
                group_en="Registry",
                hint=hint,
                hint_en=hint_en,
                order=order,
            )
        )
        register(
            Exporter(
                name=f"dust.{sheet.name.removeprefix('dust_')}",
                title=sheet.title,
                title_en=sheet.title_en,
                make=make,
                roles=STAFF,
            )
        )
