"""The slip on a hot spot (走航督办单): frozen evidence, a case on the engine, and its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from math import cos, radians
from typing import Any

from django.db import transaction

from qingyuan.core.periods import city_date, in_city
from qingyuan.core.problems import Problem
from qingyuan.reporting import Document, DustSlip, dust_slip
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin, open_case, perform
from qingyuan.web.printing import docx_of, pdf_of
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import District
from qingyuan.web.surveys.models import Finding, HotSpot, Mounting, SpotSlip, Stretch
from qingyuan.web.surveys.parameters import parameters
from qingyuan.web.surveys.selectors.sites import suspects_of
from qingyuan.web.surveys.services.recheck import PROCEDURE

__all__ = ["criterion_words", "issue_slip", "slip_file"]

CLAUSE = "走航督办惯例（济南、日照、青岛）；青岛市巡察整改通报（2024）六（二）督办单"
_KINDS = {"dust": ("扬尘", "dust"), "exhaust": ("尾气", "exhaust"), "unknown": ("不明", "unknown")}


def criterion_words(english: bool = False) -> str:
    """Return the criterion of the automatic re-check in words."""
    rule = parameters("recheck")
    words = (
        "整改后次日起，活跃时段内不少于 {least_days} 天、{least_vehicles} 辆车、{least_passes} 次通过，"
        "PM10 增量中位低于 {below_ugm3:g} μg/m³，建议销号；数据同样充分而不低于该值，为反弹，按原编号重新交办。",
        "from the day after, over at least {least_days} days, {least_vehicles} vehicles and {least_passes} passes "
        "in the active hours, a median PM10 increment below {below_ugm3:g} μg/m³ proposes to close; as much "
        "data at or above it is a rebound, and the case is re-opened under its number.",
    )[english]
    return words.format(**rule)


@transaction.atomic
def issue_slip(
    *, spot: HotSpot, unit: Unit, person: User, due_on: date, by: User, at: datetime
) -> SpotSlip:
    """Freeze the evidence of a hot spot, open its case (or its next round) and hand it over.

    Raises
    ------
    Problem
        ``surveys.slip_standing`` if its case is under way; ``surveys.no_district``,
        ``surveys.no_finding``; and what the procedure refuses.
    """
    spot = HotSpot.objects.select_for_update(of=("self",)).get(pk=spot.pk)
    finding = spot.findings.select_related("run").order_by("-run__day").first()
    if finding is None:
        raise Problem("surveys.no_finding", code=spot.code)
    if not spot.district_code:
        raise Problem("surveys.no_district", code=spot.code)
    case = spot.case
    if case is not None and case.state != "drafted":
        raise Problem("surveys.slip_standing", code=spot.code, case=case.number)
    if case is None:
        case = _open(spot, finding, by=by, at=at)
        spot.case = case
        spot.save(update_fields=["case"])
    issued = spot.slips.count() + 1
    number = f"走航督〔{city_date(at).year}〕{spot.code.rsplit('-', 1)[1]}-{issued}号"
    evidence = _evidence(spot, finding, day=city_date(at))
    digest = hashlib.sha256(
        json.dumps(evidence, ensure_ascii=False, sort_keys=True).encode()
    ).hexdigest()
    facts = [
        _facts(spot, finding, evidence, number=number, digest=digest, unit=unit, person=person,
               due_on=due_on, day=city_date(at), english=english)
        for english in (False, True)
    ]  # fmt: skip
    slip = SpotSlip.objects.create(
        spot=spot, case=case, finding=finding, number=number,
        content=dust_slip(facts[0]).as_dict(), content_en=dust_slip(facts[1], language="en").as_dict(),
        evidence=evidence, sha256=digest, issued_by=by, issued_at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by), deed="surveys.slip", target=f"hotspot:{spot.code}", at=at, clause=CLAUSE,
        detail={"number": number, "case": case.number, "sha256": digest},
    )  # fmt: skip
    perform(
        case=case, deed="issue", by=by, at=at,
        data={"unit": unit.code, "person": person.username, "due_on": due_on},
    )  # fmt: skip
    return slip


def _open(spot: HotSpot, finding: Finding, *, by: User, at: datetime) -> Case:
    near = suspects_of(spot, finding, on=city_date(at))
    return open_case(
        procedure=PROCEDURE, title=f"走航热点 {spot.code} {spot.place}", matter="air",
        district_code=spot.district_code, origin=Origin("hotspot", f"hotspot:{spot.code}", f"走航热点 {spot.code}"),
        enterprise_id=None, by=by, at=at,
        form={
            "spot": spot.code, "place": str(spot.place), "likely": near.likely,
            "evidence": f"{finding.vehicles} 辆车通过 {finding.passes} 次，PM10 增量中位 {finding.increment:g} μg/m³",
        },
    )  # fmt: skip


def _evidence(spot: HotSpot, finding: Finding, *, day: date) -> dict[str, Any]:
    """Return everything the slip rests on, as values: passes, place, roads, run."""
    run = finding.run
    inside = spot.passes.filter(day__gte=run.first_day, day__lte=run.day).order_by("at", "device")
    plates = _plates(run.day)
    passes = [
        {
            "at": row.at.isoformat(), "device": row.device, "plate": plates.get(row.device, ""),
            "fixes": row.fixes, "increment": row.increment, "background": row.background,
        }
        for row in inside
        if row.day.isoformat() in finding.active_days
        and finding.first_hour <= in_city(row.at).hour < finding.end_hour
    ]  # fmt: skip
    return {
        "spot": spot.code, "lon": spot.lon, "lat": spot.lat, "radius_m": spot.radius_m,
        "run": {"day": run.day.isoformat(), "revision": run.revision, "algorithm": run.algorithm,
                "data_version": run.data_version, "network": run.network.version if run.network else None,
                "seed": run.seed},
        "passes": passes, "roads": _roads(spot, finding),
        "sites": [[s.name, s.kind, round(s.metres)] for s in suspects_of(spot, finding, on=day).sites],
    }  # fmt: skip


def _plates(day: date) -> Mapping[str, str]:
    found = Mounting.objects.filter(valid_from__lte=day).order_by("valid_from")
    return {m.device: m.plate for m in found if m.valid_to is None or day < m.valid_to}


def _roads(spot: HotSpot, finding: Finding) -> list[list[Any]]:
    """Return the lines of the roads around, in metres east and north of the spot."""
    east, north = 111_320 * cos(radians(spot.lat)), 110_574.0
    rows: list[list[Any]] = []
    for stretch in Stretch.objects.filter(network=finding.run.network).order_by("number"):
        for line in stretch.lines:
            points = [[round((x - spot.lon) * east, 1), round((y - spot.lat) * north, 1)] for x, y in line]  # fmt: skip
            if any(abs(x) < 1100 and abs(y) < 520 for x, y in points):
                rows.append([stretch.road, stretch.road == spot.road, points])
    return rows


def _facts(
    spot: HotSpot, finding: Finding, evidence: Mapping[str, Any], *, number: str, digest: str,
    unit: Unit, person: User, due_on: date, day: date, english: bool,
) -> DustSlip:  # fmt: skip
    district = District.objects.defer("wkb").get(code=spot.district_code)
    city = registry.city()
    whose = "" if city is None else (city.name_en or city.name_zh) if english else city.name_zh
    rows = [
        (f"{in_city(datetime.fromisoformat(p['at'])):%m-%d %H:%M}", p["plate"] or p["device"],
         f"{p['increment']:.1f}", f"{p['background']:.1f}")
        for p in evidence["passes"]
    ]  # fmt: skip
    named = (district.name_en or district.name_zh) if english else district.name_zh
    where = f"{named}{', ' if english else '，'}{spot.lon:.5f}°E {spot.lat:.5f}°N"
    active = [date.fromisoformat(d) for d in finding.active_days]
    return DustSlip(
        number=number, addressee=(unit.name_en or unit.name_zh) if english else unit.name_zh, day=day, spot=spot.code, place=str(spot.place),
        issuer=f"{whose} Ecology and Environment Bureau" if english else f"{whose}生态环境局",
        where=where,
        first=min(active), last=max(active), hours=f"{finding.first_hour:02d}:00–{finding.end_hour:02d}:00",
        increment=f"{finding.increment:.1f}", interval=f"{finding.low:.1f}–{finding.high:.1f}",
        peak=f"{finding.peak:.1f}", background=f"{finding.background:.1f}", kind=_KINDS[finding.kind][english],
        vehicles=len({p["device"] for p in evidence["passes"]}), passes=rows,
        roads=[(name, own, [(x, y) for x, y in line]) for name, own, line in evidence["roads"]],
        radius_m=spot.radius_m, near=[(n, k, f"{m}") for n, k, m in evidence["sites"]],
        due_on=due_on, person=person.name,
        criterion=criterion_words(english), evidence=digest,
    )  # fmt: skip


@transaction.atomic
def slip_file(slip: SpotSlip, *, kind: str, english: bool, by: User, at: datetime) -> bytes:
    """Return the frozen slip as ``pdf`` or ``docx``; its taking is on record."""
    document = Document.from_dict(slip.content_en if english else slip.content)
    day = city_date(slip.issued_at)
    content = (pdf_of if kind == "pdf" else docx_of)(document, day=day, signed_on=day)
    audit.record(
        actor=Actor.of(by), deed="surveys.slip_file", target=f"hotspot:{slip.spot.code}", at=at,
        detail={"number": slip.number, "kind": kind, "sha256": hashlib.sha256(content).hexdigest()},
    )  # fmt: skip
    return content
