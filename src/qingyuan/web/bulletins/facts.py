"""From ledgers and store to the facts of a daily reminder (日提醒的事实), as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal

from qingyuan.core.periods import day_of
from qingyuan.host.folder import DataFolder
from qingyuan.readings.means import Mean
from qingyuan.reporting import AirDay, AlarmLine, CaseLine, DailyFacts, SectionDay
from qingyuan.standards import water
from qingyuan.store.observations import Observations
from qingyuan.web.audit.services import ANCHOR_FILE, read_anchors
from qingyuan.web.cases.selectors import case_lines
from qingyuan.web.registry.models import AirStation, City, Section
from qingyuan.web.signals.models import Signal

__all__ = ["daily_facts", "section_days"]

_WATER = ("w01001", "w01009", "w01019", "w21003", "w21011")  # what the online class is made of
_AIR = ("a34004", "a34002", "a21026", "a21004", "a21005", "a05024")
_STATES = {
    "active_unacknowledged": "活动·未确认",
    "active_acknowledged": "活动·已确认",
    "cleared_unacknowledged": "已解除·未确认",
    "cleared_acknowledged": "已解除·已确认",
}


def daily_facts(*, day: date, at: datetime, folder: DataFolder) -> tuple[DailyFacts, int]:
    """Return the facts of a day as they stand now, and the version of the data they rest on."""
    store = Observations(folder.store)
    version = store.version()
    period = day_of(day)
    city = City.objects.order_by("pk").first()
    sections, rule_sets = section_days(store, day)
    anchors = read_anchors(folder.path / ANCHOR_FILE)
    facts = DailyFacts(
        city=city.name_zh if city else "",
        issuer=f"{city.name_zh if city else ''}生态环境局",
        day=day,
        data_until=min(at, period.end),
        sections=sections,
        stations=_air_days(store, day),
        alarms=_alarms(day),
        cases=[
            CaseLine(**{**asdict(line), "due": line.due or "—"})
            for line in case_lines(day=day, at=at)
        ],
        rule_sets=rule_sets,
        audit_anchor=_anchor_text(anchors),
    )
    return facts, version


def _anchor_text(anchors: Mapping[int, str]) -> str:
    if not anchors:
        return ""
    seq = max(anchors)
    return f"第 {seq} 条 {anchors[seq]}"


def _day_means(
    store: Observations, kind: str, factors: Sequence[str], day: date
) -> dict[str, dict[str, Mean]]:
    means: dict[str, dict[str, Mean]] = defaultdict(dict)
    for mean in store.means(None, factors, day_of(day), step="day"):
        found, _, code = mean.station.partition(":")
        if found == kind and mean.is_valid:
            means[code][mean.factor] = mean
    return means


def section_days(store: Observations, day: date) -> tuple[list[SectionDay], list[str]]:
    """Return every section's class of the day's means, and the rule sets that judged them."""
    means = _day_means(store, "section", _WATER, day)
    rows: list[SectionDay] = []
    rule_sets: set[str] = set()
    for section in (
        Section.objects.select_related("district").prefetch_related("targets").order_by("code")
    ):
        held = means.get(section.code, {})
        target = section.target_on(day) or "Ⅲ"
        judged = water.evaluate(
            {code: mean.value for code, mean in held.items()},
            at=day,
            water_type=section.water_type,
            target=target,
        )
        if judged.cls is not None:
            rule_sets.add(judged.rule_set)
        rows.append(
            SectionDay(
                code=section.code,
                name=section.name_zh,
                district=section.district.name_zh,
                target=target,
                water_class=judged.cls,
                over=tuple((over.factor, over.multiple or Decimal(0)) for over in judged.over),
                hours=max((mean.count for mean in held.values()), default=0),
            )
        )
    return rows, sorted(rule_sets)


def _air_days(store: Observations, day: date) -> list[AirDay]:
    means = _day_means(store, "air", _AIR, day)
    rows = []
    for station in AirStation.objects.order_by("code"):
        held = means.get(station.code, {})
        values = {code: held[code].value if code in held else None for code in _AIR}
        rows.append(
            AirDay(
                station.code,
                station.name_zh,
                values,
                max((m.count for m in held.values()), default=0),
            )
        )
    return rows


def _alarms(day: date) -> list[AlarmLine]:
    period = day_of(day)
    found = Signal.objects.filter(
        first_at__gte=period.start, first_at__lt=period.end, false_at=None
    )
    names = dict(Section.objects.values_list("code", "name_zh"))
    return [
        AlarmLine(
            ref=str(signal.pk),
            object_name=names.get(signal.object_code, signal.object_code),
            factor=signal.factor,
            value=signal.value,
            limit=signal.limit,
            multiple=signal.multiple,
            first_at=signal.first_at,
            state=_STATES[signal.state],
            kind=signal.kind,
        )
        for signal in found.order_by("first_at", "pk")
    ]
