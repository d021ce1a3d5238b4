"""Decline (水质变差): a section's class worse than last period (环比) or the same one last year (同比).

The class of a period can change because another item did, so a finding names the items that made
it worse. Levels, floors and whether a target must be missed too are a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.readings.model import Finding
from qingyuan.readings.rules import DeclineRule, RuleSet
from qingyuan.standards import water
from qingyuan.standards.classes import WORSE, class_rank
from qingyuan.standards.items import item

__all__ = ["KINDS", "Declines", "PeriodClass", "decline"]

KINDS = {
    "last_period": "worse_than_last_period",
    "last_year": "worse_than_last_year",
}


@dataclass(frozen=True, slots=True)
class PeriodClass:
    """A section's class over a period (时段水质类别), from means that were evaluated.

    ``per_item`` maps item to class and ``values`` item to mean, as in
    `qingyuan.standards.water.SectionClass`; ``cls`` None means nothing could be judged.
    """

    station: str
    start: datetime
    end: datetime
    cls: str | None
    per_item: Mapping[str, str]
    values: Mapping[str, Decimal]
    target: str = "Ⅲ"
    water_type: str = "river"

    @property
    def misses_target(self) -> bool:
        """Whether the class is worse than the target."""
        return self.cls is not None and class_rank(self.cls) > class_rank(self.target)


def decline(
    now: PeriodClass,
    before: PeriodClass,
    *,
    against: str,
    rules: RuleSet,
    cumulative: PeriodClass | None = None,
    cumulative_before: PeriodClass | None = None,
) -> Finding | None:
    """Return what is to be told of a class that got worse, or None.

    Parameters
    ----------
    now, before : PeriodClass
        The period and the one it is held against.
    against : str
        ``last_period`` (环比) or ``last_year`` (同比).
    cumulative, cumulative_before : PeriodClass, optional
        From the year's start to the period's end, this year and last; rules that ask for them do
        not apply without.
    """
    if now.cls is None or before.cls is None:
        return None
    cumulated = None
    if cumulative is not None and cumulative_before is not None:
        cumulated = (cumulative, cumulative_before)
    applying = [
        rule
        for rule in rules.declines
        if rule.against == against and _applies(rule, now, before, cumulated)
    ]
    if not applying:
        return None
    rule = max(applying, key=lambda r: r.level)
    worse = _worse_items(now, before)
    name = worse[0]
    value = now.values.get(name, Decimal(0))
    was = before.per_item.get(name, before.cls)
    bound = None
    if was != WORSE:
        bound = water.limit(name, was, at=city_date(now.start), water_type=now.water_type)
    kind = KINDS[against]
    return Finding(
        key=f"{kind}|{now.station}|{city_date(now.start).isoformat()}",
        kind=kind,
        state="raised",
        station=now.station,
        factor=item(name).code,
        first_at=now.start,
        last_at=now.end,
        peak_at=now.end,
        value=value,
        limit=bound.value if bound else value,
        multiple=bound.multiple(value) if bound else None,
        level=rule.level,
        count=class_rank(now.cls) - class_rank(before.cls),
        rule=rules.id,
        document=rule.document or (bound.document if bound else ""),
        clause=rule.clause or (bound.clause if bound else ""),
        classes=(before.cls, now.cls),
        items=tuple(worse),
    )


def _applies(
    rule: DeclineRule,
    now: PeriodClass,
    before: PeriodClass,
    cumulated: tuple[PeriodClass, PeriodClass] | None,
) -> bool:
    if not _is_worse(rule, now, before):
        return False
    if rule.cumulative_too and (cumulated is None or not _is_worse(rule, *cumulated)):
        return False
    return not rule.target_missed or (cumulated is not None and cumulated[0].misses_target)


def _is_worse(rule: DeclineRule, now: PeriodClass, before: PeriodClass) -> bool:
    if now.cls is None or before.cls is None:
        return False
    if rule.worse_than and class_rank(now.cls) <= class_rank(rule.worse_than):
        return False
    return class_rank(now.cls) - class_rank(before.cls) >= rule.classes


def _worse_items(now: PeriodClass, before: PeriodClass) -> list[str]:
    """Return the items that make the class, those that fell furthest first."""

    def fell(name: str) -> int:
        return class_rank(now.per_item[name]) - class_rank(before.per_item.get(name, "Ⅰ"))

    makers = [name for name, cls in now.per_item.items() if cls == now.cls]
    if not makers:
        raise Problem("readings.no_item", station=now.station, cls=now.cls)
    return sorted(makers, key=lambda name: (-fell(name), name))


@dataclass(slots=True)
class Declines:
    """Which declines are being told, so that each is raised once and cleared when it is over."""

    told: dict[str, Finding] = field(default_factory=dict)

    def take(
        self, found: Iterable[Finding | None], *, judged: Sequence[str], at: datetime
    ) -> list[Finding]:
        """Return what changed; *judged* are the keys that were looked at this time."""
        changes: list[Finding] = []
        standing = {one.key: one for one in found if one is not None}
        for key, one in standing.items():
            before = self.told.get(key)
            if before is None:
                changes.append(one)
            elif (before.value, before.level, before.classes) != (
                one.value,
                one.level,
                one.classes,
            ):
                changes.append(replace(one, state="updated"))
            self.told[key] = one
        for key in judged:
            if key not in standing and key in self.told:
                over = self.told.pop(key)
                changes.append(replace(over, state="cleared", cleared_at=at))
        return changes

    def forget(self, stations: Iterable[str]) -> None:
        """Forget stations that were taken out of service."""
        gone = set(stations)
        self.told = {k: one for k, one in self.told.items() if one.station not in gone}

    def as_json(self) -> list[dict[str, Any]]:
        """Return the state as plain JSON values."""
        return [
            {
                "key": one.key, "kind": one.kind, "station": one.station, "factor": one.factor,
                "first_at": one.first_at.isoformat(), "last_at": one.last_at.isoformat(),
                "value": str(one.value), "limit": str(one.limit),
                "multiple": None if one.multiple is None else str(one.multiple),
                "level": one.level, "count": one.count, "rule": one.rule,
                "document": one.document, "clause": one.clause,
                "classes": list(one.classes), "items": list(one.items),
            }
            for one in self.told.values()
        ]  # fmt: skip

    @classmethod
    def from_json(cls, rows: Iterable[Mapping[str, Any]]) -> Declines:
        """Return the state that `as_json` wrote."""
        told = {}
        for row in rows:
            last = datetime.fromisoformat(row["last_at"])
            told[row["key"]] = Finding(
                key=row["key"], kind=row["kind"], state="raised", station=row["station"],
                factor=row["factor"], first_at=datetime.fromisoformat(row["first_at"]),
                last_at=last, peak_at=last, value=Decimal(row["value"]),
                limit=Decimal(row["limit"]),
                multiple=None if row["multiple"] is None else Decimal(row["multiple"]),
                level=row["level"], count=row["count"], rule=row["rule"],
                document=row["document"], clause=row["clause"],
                classes=tuple(row["classes"]), items=tuple(row["items"]),
            )  # fmt: skip
        return cls(told)
