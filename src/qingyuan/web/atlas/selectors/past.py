"""The river at an earlier moment (回看): classes from what the store held then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from qingyuan.core.periods import city_date
from qingyuan.readings.intake import judge
from qingyuan.readings.model import Reading
from qingyuan.standards import water
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.services import rules_for
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Section

__all__ = ["river_then"]

_TOGETHER = timedelta(hours=24)  # values further apart do not make one class
_SHOWN = frozenset({"Rtd", "Avg"})


def river_then(
    scope: Scope, *, at: datetime, store: Observations
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return sections and reaches as GeoJSON, in the class their water had at *at*.

    Each section is judged by its newest valid values within a day before *at*, by the standard
    and target in force then; a section without values has no class.
    """
    sections = list(registry.sections(scope))
    held = _held(store, [s.station for s in sections], at=at)
    judged = {s.code: _judged(s, held[s.station], at=at) for s in sections}
    points = [registry.point_feature(s, "section", **judged[s.code]) for s in sections]
    speaks = registry.section_of_reach()
    lines = []
    for reach in registry.reaches(scope):
        known = judged.get(speaks.get(reach.code, ""), {})
        lines.append(
            registry.shape_feature(
                reach,
                "reach",
                reach.river,
                flow_m3_s=reach.flow_m3_s,
                water_class=known.get("water_class", ""),
            )
        )
    return registry.collection(points), registry.collection(lines, units={"flow_m3_s": "m³/s"})


def _held(store: Observations, stations: list[str], *, at: datetime) -> dict[str, list[Reading]]:
    found: dict[str, list[Reading]] = defaultdict(list)
    if not stations:
        return found
    for row in store.latest(at=at, stations=stations, within=_TOGETHER).to_pylist():
        if row["suffix"] in _SHOWN:
            found[row["station"]].append(Reading.of(row))
    return found


def _judged(section: Section, readings: list[Reading], *, at: datetime) -> dict[str, Any]:
    target = section.target_on(city_date(at))
    newest = max((r.time for r in readings), default=None)
    if newest is None or not target:
        return {"target": target, "water_class": "", "meets": None, "pollutants": "", "time": None}
    rules = rules_for(city_date(at))
    values: Mapping[str, Decimal | None] = {
        r.factor: verdict.value if (verdict := judge(r, rules=rules)).is_valid else None
        for r in readings
    }
    made = water.evaluate(
        values, at=city_date(newest), water_type=section.water_type, target=target
    )
    over = "、".join(
        one.item if one.multiple is None else f"{one.item}({one.multiple:.2f})" for one in made.over
    )
    return {
        "target": target,
        "water_class": made.cls or "",
        "meets": made.meets_target,
        "pollutants": over,
        "time": newest.isoformat(),
    }
