"""Facts of road surveys (走航): a period's driving, hot spots with their slips, roads by class."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from qingyuan.core.periods import day_of
from qingyuan.host.folder import DataFolder
from qingyuan.hotspots import CLASSES, read_road_classes
from qingyuan.reporting import DistrictStanding, HotSpot, RoadClasses, RoadFigure, SurveyFacts
from qingyuan.store.fixes import Fixes
from qingyuan.web.bulletins.facts.daily import Seen, head
from qingyuan.web.registry.models import District
from qingyuan.web.surveys import selectors
from qingyuan.web.surveys.models import Finding, SpotSlip, SurveyRun, VehicleDay

__all__ = ["survey_facts"]

ITEMS = ("pm10", "pm25")
_WHEN = {"day": "day", "week": "week", "month": "month", "year": "year"}


def survey_facts(
    *, period: str, first: date, last: date, at: datetime, folder: DataFolder
) -> tuple[SurveyFacts, Seen]:
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
        classes=_classes(period, first, last, names),
        roads=[_road(row, names) for row in _rows(period, first, last, "pm10")],
        standings=_standings(first, names) if period == "month" else (),
        rule_sets=(f"{rules.name}（{rules.dated}，未经核对）" if rules.mark else rules.name,),
        rule_sets_en=(
            f"{rules.name_en} ({rules.dated}, unverified)" if rules.mark else rules.name_en,
        ),
    )
    return facts, Seen(Fixes(folder.store).version(), at)


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


def _rows(period: str, first: date, last: date, item: str) -> list[selectors.RoadRow]:
    """Return the segments as classed: by rank for a month, by concentration otherwise."""
    if period == "month":
        return selectors.month_rows(first, read_road_classes(), item)
    return selectors.span_rows(first, last, read_road_classes(), item)


def _span_before(period: str, first: date, last: date) -> tuple[date, date]:
    day = first - timedelta(days=1)
    return (day.replace(day=1) if period == "month" else day - (last - first)), day


def _classes(period: str, first: date, last: date, names: dict[str, str]) -> list[RoadClasses]:
    """Return the districts' counts by class of each pollutant, now and the time before."""
    found = []
    for item in ITEMS:
        now = _counted(_rows(period, first, last, item))
        then = _counted(_rows(period, *_span_before(period, first, last), item))
        found += [
            RoadClasses(names[code], item, now[code], then.get(code))
            for code in sorted(now)
            if code in names
        ]
    return found


def _counted(rows: list[selectors.RoadRow]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row.stretch.district_code, dict.fromkeys(CLASSES, 0))[row.name] += 1
    return counts


def _road(row: selectors.RoadRow, names: dict[str, str]) -> RoadFigure:
    """Return a segment; who named it counts where that changed its class."""
    named = row.overrides[-1] if row.overrides and row.name != row.original else None
    return RoadFigure(
        road=str(row.stretch),
        district=names.get(row.stretch.district_code, ""),
        pm10=Decimal(f"{row.mean:.1f}"),
        road_class=row.name,
        passes=row.passes,
        before=None if row.before is None else Decimal(f"{row.before:.1f}"),
        named=named.level if named else "",
        reason=named.reason if named else "",
    )


def _standings(month: date, names: dict[str, str]) -> list[DistrictStanding]:
    """Return the three rankings of a month."""
    scores = [s for s in selectors.scores_of(month, read_road_classes()) if s.district in names]
    gains = [s.improvement for s in scores if s.improvement is not None]
    return [
        DistrictStanding(
            district=names[s.district],
            score=s.score,
            rank=s.rank,
            mean=s.mean,
            state_rank=1 + sum(o.mean < s.mean for o in scores),
            improvement=s.improvement,
            improvement_rank=None if s.improvement is None else 1 + sum(g > s.improvement for g in gains),
        )
        for s in scores
    ]  # fmt: skip
