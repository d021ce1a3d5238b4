"""The dust desk in the last weeks (扬尘专班的往日): a register, a month of patches, a round, tasks.

Sites, firms and patches are invented; they stand at made-up places inside the city's districts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from random import Random

import shapely

from qingyuan.cities import City
from qingyuan.core.periods import city_date
from qingyuan.demo.pictures import picture
from qingyuan.demo.script import office_hours
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Upload, matrix_assignment, perform
from qingyuan.web.dust import selectors, services
from qingyuan.web.dust.models import Lead, SiteRecord
from qingyuan.web.dust.selectors import Routing, lead_department
from qingyuan.web.dust.services import Said
from qingyuan.web.dust.tables import measures
from qingyuan.web.registry.models import District

__all__ = ["live_through_dust"]

DAY = timedelta(days=1)
_SEATS = {  # the partner unit that sits for each department
    "housing": "P02", "city": "P04", "transport": "P05", "water": "P01", "garden": "P06",
    "enforcement": "P07", "traffic_police": "P08", "commerce": "P09",
}  # fmt: skip
_SITES = (  # kind, name, stage, side of the square in degrees (0: a point)
    ("construction", "雁渡花园三期工地", "structure", 0.0016),
    ("construction", "临潮科创园工地", "earthworks", 0.0022),
    ("demolition", "老轧钢厂拆除工地", "", 0.0018),
    ("road", "滨河路改造工程", "", 0.0012),
    ("haul_road", "环城西路渣土运输路段", "", 0.0),
    ("yard", "城南砂石堆场", "", 0.0014),
    ("bare", "苇塘北裸土地块", "", 0.002),
    ("concrete", "澜城商品混凝土搅拌站", "", 0.0012),
    ("port", "临潮作业区散货码头", "", 0.0016),
    ("water_works", "柳溪河道治理工地", "earthworks", 0.001),
    ("garden_works", "街心公园改造工地", "finishing", 0.0008),
    ("petrol", "国道旁流动加油点", "", 0.0),
)
_BAD = {
    0: ("cover", "约三成物料裸露"),
    2: ("wet", "拆除时未喷淋"),
    4: ("sealed", "渣土车篷布未盖严"),
}


def _middle(district: District, chance: Random) -> tuple[float, float]:
    """Return a made-up place well inside a district."""
    shape, inside = district.shape, district.shape.representative_point()
    for _ in range(60):
        lon = inside.x + chance.uniform(-0.06, 0.06)
        lat = inside.y + chance.uniform(-0.05, 0.05)
        if shape.contains(shapely.box(lon, lat, lon + 0.004, lat + 0.004)):
            return lon, lat
    return inside.x, inside.y


def _register(districts: list[District], *, by: User, at: datetime) -> list[SiteRecord]:
    made = []
    for n, (kind, name, stage, side) in enumerate(_SITES):
        district = districts[n % len(districts)]
        lon, lat = _middle(district, Random(f"dust/{n}"))
        shape = shapely.box(lon, lat, lon + side, lat + side) if side else shapely.Point(lon, lat)
        values = {
            "name_zh": name,
            "kind": kind,
            "district_id": district.code,
            "department": lead_department(kind, on=city_date(at)),
            "holder": f"清源第{n + 1}建设有限公司" if stage else "",
            "stage": stage,
            **(
                {"works_from": city_date(at) - 60 * DAY, "works_to": city_date(at) + 240 * DAY}
                if stage
                else {}
            ),
        }
        made.append(
            services.register_site(
                code=f"YC-{n + 1:03d}",
                values=values,
                shape=shape,
                valid_from=city_date(at),
                by=by,
                at=at + timedelta(minutes=n),
            )
        )
    return made


def _patches(
    records: list[SiteRecord], districts: list[District], *, by: User, at: datetime
) -> None:
    """Bring two months of patches: over sites, beside them, and on ground nobody registered."""
    rows = []
    for n, month in enumerate((40, 40, 40, 10, 10, 10)):
        taken = {
            "seen_by": "satellite" if n % 3 else "drone",
            "taken_on": city_date(at) - timedelta(days=month),
            "image": "示例影像，分辨率 0.8 m",
        }
        if n in (0, 3):
            record = records[6]
            shape, kind, district = record.shape, record.kind, record.district_id
        else:
            place = districts[n % len(districts)]
            lon, lat = _middle(place, Random(f"patch/{n % 3}"))
            shape, kind, district = (
                shapely.box(lon, lat, lon + 0.0012, lat + 0.0011),
                "bare",
                place.code,
            )
        code = f"YG{city_date(at):%Y%m}-{n + 1:03d}"
        rows.append(({**taken, "code": code, "kind": kind, "district_id": district}, shape))
    leads = services.take_leads(rows, by=by, at=at)
    shown = [
        (f"{lead.code}.jpg", picture("patch_photo", case=lead.code, at=at)) for lead in leads[:3]
    ]
    services.attach_pictures(shown, leads={lead.code: lead for lead in leads}, by=by, at=at)
    for n, lead in enumerate(Lead.objects.filter(duplicate_of=None).order_by("code")[:2]):
        true = n == 1  # the first lies on a registered site
        services.check_lead(
            lead, true=true, finding="裸土未覆盖" if true else "已在台账，防尘网覆盖完好", by=by, at=at + 2 * DAY
        )  # fmt: skip


def _round(records: list[SiteRecord], *, by: User, leader: User, at: datetime) -> list[Case]:
    visited = records[:5]
    made = services.plan_round(
        title="秋季扬尘集中督导", team="第一督导组", leader=leader, members=[], records=visited,
        from_on=city_date(at), to_on=city_date(at) + 10 * DAY, by=by, at=at,
    )  # fmt: skip
    for n, visit in enumerate(made.visits.order_by("pk")):
        then = office_hours(at + n * DAY)
        bad = _BAD.get(n)
        said = {m.code: Said("ok") for m in measures(on=city_date(then))}
        if bad:
            shot = (f"{bad[0]}.jpg", picture("before_photo", case=made.code, at=then))
            said[bad[0]] = Said("bad", bad[1], shot)
        services.record_visit(visit, said, by=leader, at=then)
    cases: list[Case] = []
    for n, code in enumerate(
        sorted({v.district_id for v in made.visits.filter(checks__verdict="bad")})
    ):
        place = District.objects.get(code=code)
        cases += services.hand_over(
            made, district_code=code, to=f"{place.name_zh}人民政府", document_no=f"环督〔{at.year}〕{n + 1} 号",
            by=by, at=office_hours(at + 6 * DAY) + timedelta(minutes=n),
        )  # fmt: skip
    return cases


def _put_right(case: Case, *, duty: User, head: User, at: datetime) -> None:
    """Hand one case over, put it right, strike it off."""
    assigned = matrix_assignment(case, at=at)
    person = User.objects.get(username=assigned["person"])
    photos = ("before_photo", "after_photo")
    for deed, by, days, kinds, data in (
        ("assign", duty, 0, (), {**assigned, "due_on": city_date(at) + 12 * DAY}),
        ("sign", person, 1, (), {}),
        ("finish", person, 4, photos, {"measures": "已全部覆盖并加装喷淋。"}),
        ("close_out", head, 6, (*photos, "recheck_record"), {"opinion": "现场复核，同意销号。"}),
    ):
        then = office_hours(at + timedelta(days=days, hours=1))
        files = [
            Upload(kind, f"{kind}.jpg", picture(kind, case=case.number, at=then), then)
            for kind in kinds
        ]
        case = perform(
            case=Case.objects.get(pk=case.pk), deed=deed, by=by, at=then, data=data, evidence=files
        )


def _seat(city: City, *, by: User, at: datetime) -> None:
    """Seat every department that has a unit with somebody in it."""
    for department, suffix in _SEATS.items():
        person = User.objects.filter(unit__code=f"{city.code}{suffix}").order_by("username").first()
        if person is not None:
            services.put_seat(
                department=department, unit=person.unit, person=person, valid_from=city_date(at), by=by, at=at
            )  # fmt: skip


def _joint(
    records: list[SiteRecord], *, title: str, trouble: str, by: User, at: datetime
) -> tuple[Case, Routing] | None:
    """Open a joint task by the duties and seats of the day; None where nobody sits for the lead."""
    site = records[0]
    whom = selectors.routing(site.kind, site.district_id, on=city_date(at))
    if whom.lead is None or not whom.helping:
        return None
    case = services.open_task(
        title=title, trouble=trouble, kind=site.kind, district_code=site.district_id,
        unit=whom.lead.unit, person=whom.lead.person, co_units=[s.unit for s in whom.helping],
        records=records, due_on=city_date(at) + 12 * DAY, by=by, at=at,
    )  # fmt: skip
    return case, whom


def _haulage(record: SiteRecord, *, by: User, until: datetime) -> None:
    """Go the whole way on spoil lorries: every department reported, it waits for the re-check."""
    at = office_hours(until - 8 * DAY)
    opened = _joint(
        [record], title="渣土运输与道路保洁联合整治", trouble="夜间渣土车遗撒，路面积尘反复", by=by, at=at
    )  # fmt: skip
    if opened is None:
        return
    case, whom = opened
    lead = whom.lead.person if whom.lead else by
    steps = [("sign", lead, 1, {})]
    steps += [("sign_part", seat.person, 1, {}) for seat in whom.helping]
    steps += [
        ("report_part", seat.person, 4, {"report": "设卡检查渣土车 46 台，查处遗撒 5 起。"})
        for seat in whom.helping
    ]
    steps.append(("finish", lead, 6, {"measures": "加密洗扫，密闭检查，遗撒路段当日清理。"}))
    _steps(case, steps, at=at)


def _bare_ground(*, by: User, until: datetime) -> None:
    """Go half the way on a patch: the lead and the parts stand in different states."""
    lead = Lead.objects.filter(state=Lead.State.TRUE, site=None).order_by("code").first()
    if lead is None:
        return
    at = office_hours(until - 5 * DAY)
    record = services.lead_to_site(lead, name="临潮河东裸土地块", by=by, at=at)
    opened = _joint(
        [record], title=f"图斑 {lead.code} 裸土联合整治", trouble="裸土约一万平方米未覆盖，临近渣土出入口",
        by=by, at=at + timedelta(hours=1),
    )  # fmt: skip
    if opened is None:
        return
    case, whom = opened
    person = {seat.department: seat.person for seat in whom.helping}
    steps = [("sign", whom.lead.person if whom.lead else by, 1, {})]
    if "garden" in person:
        steps += [
            ("sign_part", person["garden"], 1, {}),
            (
                "report_part",
                person["garden"],
                3,
                {"report": "已播撒草籽并覆盖防尘网约六千平方米。"},
            ),
        ]
    if "housing" in person:
        steps.append(("sign_part", person["housing"], 2, {}))
    _steps(case, steps, at=at)


def _steps(
    case: Case, steps: Sequence[tuple[str, User, int, Mapping[str, object]]], *, at: datetime
) -> None:
    """Do deeds on a case, each so many days after it was opened."""
    for n, (deed, by, days, data) in enumerate(sorted(steps, key=itemgetter(2))):
        then = office_hours(at + days * DAY) + timedelta(hours=1, minutes=7 * n)
        kinds = ("before_photo", "after_photo") if deed == "finish" else ()
        files = [
            Upload(kind, f"{kind}.jpg", picture(kind, case=case.number, at=then), then)
            for kind in kinds
        ]
        perform(
            case=Case.objects.get(pk=case.pk), deed=deed, by=by, at=then, data=data, evidence=files
        )


def live_through_dust(city: City, *, until: datetime) -> None:
    """Live through the last weeks of the dust desk; nothing if that was done."""
    districts = list(
        District.objects.filter(code__in={r.district_code for r in city.responsibilities}).order_by(
            "code"
        )
    )
    if SiteRecord.objects.exists() or not districts:
        return
    at = office_hours(until - 30 * DAY)
    day = city_date(at)
    head = accounts.holders_of("department_head", on=day, district="")[0]
    duty = accounts.holders_of("duty_officer", on=day, district="")[0]
    records = _register(districts, by=head, at=at)
    _patches(records, districts, by=head, at=office_hours(at + 2 * DAY))
    cases = _round(records, by=head, leader=duty, at=office_hours(at + 5 * DAY))
    if cases:
        _put_right(cases[0], duty=duty, head=head, at=office_hours(at + 13 * DAY))
    _seat(city, by=head, at=at)
    services.put_duty(
        kind="bare", lead="city", helping=["housing", "garden", "enforcement"],
        basis="市扬尘污染防治专班会议纪要〔2026〕3 号（虚构）", valid_from=day + 10 * DAY, by=head,
        at=office_hours(at + 9 * DAY),
    )  # fmt: skip
    _haulage(records[4], by=duty, until=until)
    _bare_ground(by=head, until=until)
