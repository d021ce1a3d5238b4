"""Facts of road surveys (走航): a period's driving, hot spots with their slips, roads by class."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from qingyuan.core.periods import day_of
from qingyuan.host.folder import DataFolder
from qingyuan.hotspots import CLASSES, read_road_classes
from qingyuan.reporting import HotSpot, RoadClasses, SurveyFacts
from qingyuan.store.fixes import Fixes
from qingyuan.web.bulletins.facts.daily import head
from qingyuan.web.registry.models import District
from qingyuan.web.surveys import selectors
from qingyuan.web.surveys.models import Finding, SpotSlip, StretchDay, SurveyRun, VehicleDay

__all__ = ["survey_facts"]

_WHEN = {"day": "day", "week": "week", "month": "month", "year": "year"}


def survey_facts(
    *, period: str, first: date, last: date, at: datetime, folder: DataFolder
) -> tuple[SurveyFacts, int]:
    """Return what the runs of the days *first* to *last* say."""
    runs = SurveyRun.objects.filter(day__gte=first, day__lte=last, state=SurveyRun.State.DONE)
    sums = runs.aggregate(records=Sum("fixes_of_day"), km=Sum("kilometres"))
    names = {d.code: d.name_zh for d in District.objects.defer("wkb")}
    rules = read_road_classes()
    facts = SurveyFacts(
        **head().given,
        when=_WHEN[period],
        first=first,
        last=last,
        data_until=min(at, day_of(last).end),
        vehicles=VehicleDay.objects.filter(day__gte=first, day__lte=last, read__gt=0)
        .values("device")
        .distinct()
        .count(),
        kilometres=None if sums["km"] is None else Decimal(f"{sums['km']:.0f}"),
        records=sums["records"] or 0,
        spots=_spots(first, last, names),
        roads=_roads(period, first, last, names),
        rule_sets=(f"{rules.name}（{rules.mark}）",),
    )
    return facts, Fixes(folder.store).version()


def _spots(first: date, last: date, names: dict[str, str]) -> list[HotSpot]:
    """Return every place found in the period, as its newest run of the period saw it."""
    found = Finding.objects.filter(run__day__gte=first, run__day__lte=last).select_related("spot")
    newest = {row.spot_id: row for row in found.order_by("run__day")}
    issued = SpotSlip.objects.filter(spot__in=newest, issued_at__lt=day_of(last).end)
    slips = dict(issued.order_by("issued_at").values_list("spot_id", "number"))
    rows = sorted(newest.values(), key=lambda f: (-f.increment, f.spot.code))
    return [
        HotSpot(
            ref=row.spot.code,
            road=str(row.spot.place),
            district=names.get(row.spot.district_code, ""),
            passes=row.passes,
            vehicles=row.vehicles,
            mean=Decimal(f"{row.background + row.increment:.1f}"),
            background=Decimal(f"{row.background:.1f}"),
            slip=slips.get(row.spot_id, ""),
        )
        for row in rows
    ]


def _roads(period: str, first: date, last: date, names: dict[str, str]) -> list[RoadClasses]:
    """Return the districts' counts by class: by concentration for a day or week, by rank for a month."""
    rules = read_road_classes()
    counts: dict[str, dict[str, int]] = {}

    def add(code: str, name: str) -> None:
        counts.setdefault(code, dict.fromkeys(CLASSES, 0))[name] += 1

    ranks: dict[str, int] = {}
    if period == "month":
        rows = selectors.month_rows(first, rules)
        for row in rows:
            add(row.stretch.district_code, row.name)
        ranks = {d.district: d.rank for d in selectors.scores_of(first, rules)}
    else:
        held: dict[int, tuple[str, list[float]]] = {}
        days = StretchDay.objects.filter(day__gte=first, day__lte=last)
        for pk, code, pm10 in days.values_list("stretch_id", "stretch__district_code", "pm10"):
            held.setdefault(pk, (code, []))[1].append(pm10)
        for code, values in held.values():
            add(code, rules.of("pm10", sum(values) / len(values)))
    return [
        RoadClasses(district=names[code], counts=counts[code], rank=ranks.get(code))
        for code in sorted(counts, key=lambda c: (ranks.get(c, 999), c))
        if code in names
    ]
