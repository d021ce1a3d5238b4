"""Reports of other systems as a workbook (工单导入): 12345, national platform, mailbox lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.exchange import Choice, Column, Importer, Plan, Row, RowFault, Sheet
from qingyuan.web.petitions.models import Report
from qingyuan.web.petitions.selectors.settings import known_channel
from qingyuan.web.petitions.services.intake import receive
from qingyuan.web.petitions.tables import categories
from qingyuan.web.registry.models import District

__all__ = ["REPORT_IMPORT", "check_reports", "write_reports"]


def _categories() -> tuple[Choice, ...]:
    return tuple(
        Choice(c.code, c.zh.partition("（")[0], c.en.partition(" (")[0])
        for c in categories().values()
    )


SHEET = Sheet(
    name="petitions.reports",
    title="信访来件",
    title_en="Reports of citizens",
    key=("system", "number"),
    columns=(
        Column(name="system", zh="来源系统", en="Source system", required=True, most=40),
        Column(name="number", zh="来源编号", en="Source number", kind="code", required=True, most=80, aliases=("工单号", "工单编号")),
        Column(name="channel", zh="渠道", en="Channel", required=True, note="现名、曾用名或代码"),
        Column(name="received_at", zh="收到时间", en="Received at", kind="time", required=True),
        Column(name="category", zh="类别", en="Category", kind="choice", choices=_categories, required=True),
        Column(name="text", zh="反映内容", en="What is reported", required=True, most=4000, width=40),
        Column(name="place", zh="地点", en="Place", most=200, width=24),
        Column(name="district", zh="区划代码", en="District code", kind="code", digits=6),
        Column(name="lon", zh="经度", en="Longitude", kind="lon", unit="°"),
        Column(name="lat", zh="纬度", en="Latitude", kind="lat", unit="°"),
        Column(name="name", zh="来件人姓名", en="Name", most=60),
        Column(name="phone", zh="电话", en="Phone", kind="code", digits=11, most=40),
    ),
)  # fmt: skip


def check_reports(rows: Sequence[Row], /, *, by: User, at: datetime) -> Plan:
    """Say which reports are new and which are here already; a number twice in the file counts once."""
    scope = scope_of(by, on=city_date(at))
    wanted = {(r["system"], r["number"]) for r in rows}
    known = set(
        Report.objects.filter(source_no__in=[n for _, n in wanted]).values_list(
            "source_system", "source_no"
        )
    )
    districts = set(District.objects.values_list("code", flat=True))
    new: list[Row] = []
    same: list[Row] = []
    wrong: list[RowFault] = []
    for row in rows:
        key = (row["system"], row["number"])
        if key in known:
            same.append(row)
            continue
        if fault := _fault(row, districts, scope.city, scope.districts):
            wrong.append(RowFault(row.number, *fault))
            continue
        known.add(key)
        new.append(row)
    return Plan(tuple(new), (), tuple(same), tuple(wrong))


def _fault(
    row: Row, districts: set[str], city: bool, own: frozenset[str]
) -> tuple[str, Problem, str] | None:
    """Return column, reason and value of the first thing wrong with a row."""
    try:
        known_channel(row["channel"], on=city_date(row["received_at"]))
    except Problem as problem:
        return "channel", problem, row["channel"]
    code = row.get("district") or ""
    if (code and code not in districts) or (not city and code not in own):
        return "district", Problem("petitions.unknown_district", given=code), code
    if (row.get("lon") is None) != (row.get("lat") is None):
        return "lat", Problem("petitions.place_half"), ""
    return None


def write_reports(plan: Plan, /, *, by: User, at: datetime) -> str | None:
    """Take the new reports in; they wait at the desk like those of every other channel."""
    for row in plan.new:
        lon, lat = row.get("lon"), row.get("lat")
        receive(
            channel=known_channel(row["channel"], on=city_date(row["received_at"])).code,
            received_at=row["received_at"], category=row["category"], text=row["text"],
            place=row.get("place") or "", lon=None if lon is None else float(lon),
            lat=None if lat is None else float(lat), district_code=row.get("district") or "",
            contact={"name": row.get("name") or "", "phone": row.get("phone") or ""},
            source=(row["system"], row["number"]), by=by, at=at,
        )  # fmt: skip
    return reverse("petition-intake")


REPORT_IMPORT = Importer(
    name="petitions.reports",
    sheet=SHEET,
    check=check_reports,
    write=write_reports,
    roles=("duty_officer", "department_head"),
    locks=("petitions.Report",),
    group="信访",
    group_en="Petitions",
    hint="热线、平台导出的工单；来源编号已有的不重复收件。文件含个人信息，办完即删。",
    hint_en="Tickets of hotline and platform; a number that is here already is not taken twice. The file is deleted when settled.",
    personal=True,
    order=70,
)
