"""What is known now: latest values, and the class they make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from qingyuan.core.factors import Factor, factor_by_name
from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.readings.numbers import number
from qingyuan.standards import water
from qingyuan.standards.limits import Limit
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.models import Latest
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall, OutfallLimit, Section
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["SectionNow", "ValueNow", "outfall_values", "section_now", "sections_now", "values_of"]

_TOGETHER = timedelta(hours=24)  # values further apart do not make one class


@dataclass(frozen=True, slots=True)
class ValueNow:
    """The newest value of one factor with what it is held against."""

    latest: Latest
    factor: Factor
    limit: Limit | OutfallLimit | None = None
    over: bool = False

    @property
    def limit_text(self) -> str:
        """The limit as it is written."""
        if isinstance(self.limit, OutfallLimit):
            return f"≤{self.limit.limit.normalize():f} {self.limit.unit}"
        return self.limit.text if self.limit else ""

    @property
    def clause(self) -> str:
        """Document and clause of the limit."""
        if isinstance(self.limit, OutfallLimit):
            return (
                f"{self.limit.standard} {self.limit.level}（{self.limit.get_averaging_display()}）"
            )
        return f"{self.limit.document} {self.limit.clause} {self.limit.cls}类" if self.limit else ""


@dataclass(frozen=True, slots=True)
class SectionNow:
    """A section with its class now, judged by its worst item (单因子评价)."""

    section: Section
    target: str
    water_class: str
    meets: bool | None
    pollutants: str
    time: datetime | None
    received_at: datetime | None
    values: tuple[ValueNow, ...]
    rule_set: str = ""


def _latest(stations: Iterable[str]) -> dict[str, list[Latest]]:
    found: dict[str, list[Latest]] = defaultdict(list)
    for row in Latest.objects.filter(station__in=list(stations)).order_by("station", "factor"):
        found[row.station].append(row)
    return found


def values_of(station: str) -> list[ValueNow]:
    """Return the latest values of a station as they are, without limits."""
    return [ValueNow(row, factor_of(row.factor)) for row in _latest([station])[station]]


def _limit(section: Section, row: Latest, target: str) -> Limit | None:
    try:
        return water.limit(
            row.factor, target, at=city_date(row.time), water_type=section.water_type
        )
    except Problem:  # the standard does not judge this item in such water
        return None


def _value(row: Latest) -> Decimal | None:
    return number(row.text) if row.valid else None


def _values(section: Section, rows: Iterable[Latest]) -> tuple[ValueNow, ...]:
    found = []
    for row in rows:
        target = section.target_on(city_date(row.time))
        limit, value = _limit(section, row, target) if target else None, _value(row)
        over = limit is not None and value is not None and not limit.allows(value)
        found.append(ValueNow(row, factor_of(row.factor), limit, over))
    return tuple(found)


def _item(name: str) -> str:
    known = factor_by_name(name)
    return in_language(name, known.en if known else "")


def _now(section: Section, rows: list[Latest], *, at: datetime) -> SectionNow:
    target = section.target_on(city_date(at))
    newest = max((row.time for row in rows), default=None)
    judged: Mapping[str, Decimal | None] = {
        row.factor: _value(row)
        for row in rows
        if newest is not None and newest - row.time <= _TOGETHER
    }
    common = {
        "section": section,
        "target": target,
        "time": newest,
        "received_at": max((row.received_at for row in rows), default=None),
        "values": _values(section, rows),
    }
    if newest is None or not target:
        return SectionNow(**common, water_class="", meets=None, pollutants="")
    made = water.evaluate(
        judged, at=city_date(newest), water_type=section.water_type, target=target
    )
    space = in_language("", " ")
    over = in_language("、", ", ").join(
        f"{_item(one.item)}{space}({one.multiple:.2f})"
        if one.multiple is not None
        else _item(one.item)
        for one in made.over
    )
    return SectionNow(
        **common,
        water_class=made.cls or "",
        meets=made.meets_target,
        pollutants=over,
        rule_set=made.rule_set,
    )


def sections_now(scope: Scope, *, at: datetime) -> list[SectionNow]:
    """Return every section a person may see with its class from the newest values."""
    sections = list(registry.sections(scope))
    latest = _latest(s.station for s in sections)
    return [_now(s, latest[s.station], at=at) for s in sections]


def section_now(section: Section, *, at: datetime) -> SectionNow:
    """Return one section with its class from the newest values."""
    return _now(section, _latest([section.station])[section.station], at=at)


def outfall_values(outfall: Outfall, *, at: datetime) -> list[ValueNow]:
    """Return an outfall's latest values with its own limits in force (daily ones too, as a guide)."""
    day = city_date(at)
    limits = {
        row.factor: row
        for row in outfall.limits.all()
        if row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
    }
    found = []
    for row in _latest([outfall.station])[outfall.station]:
        limit, value = limits.get(row.factor), _value(row)
        over = (
            limit is not None
            and value is not None
            and row.unit == limit.unit
            and value > limit.limit
        )
        found.append(ValueNow(row, factor_of(row.factor), limit, over))
    return found
