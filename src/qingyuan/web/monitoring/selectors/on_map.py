"""The river on the map: sections and reaches in the class of their water now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.selectors.now import SectionNow, sections_now
from qingyuan.web.registry import selectors as registry

__all__ = ["reaches_geojson", "sections_geojson"]


def sections_geojson(scope: Scope, *, at: datetime) -> dict[str, Any]:
    """Return the sections with class, target, pollutants and the time of the newest value."""
    return registry.collection(_section(now) for now in sections_now(scope, at=at))


def _section(now: SectionNow) -> dict[str, Any]:
    return registry.point_feature(
        now.section,
        "section",
        level=now.section.kind,
        river=now.section.reach.river,
        district_code=now.section.district_id,
        target=now.target,
        water_class=now.water_class,
        meets=now.meets,
        pollutants=now.pollutants,
        time=now.time.isoformat() if now.time else None,
    )


def reaches_geojson(scope: Scope, *, at: datetime) -> dict[str, Any]:
    """Return the reaches, each in the class of the next section downstream that one may see."""
    speaks = registry.section_of_reach()
    known = {now.section.code: now for now in sections_now(scope, at=at)}
    features = []
    for reach in registry.reaches(scope):
        now = known.get(speaks.get(reach.code, ""))
        features.append(
            registry.shape_feature(
                reach,
                "reach",
                reach.river,
                reach_kind=reach.kind,
                flow_m3_s=reach.flow_m3_s,
                length_m=reach.length_m,
                section=now.section.code if now else "",
                water_class=now.water_class if now else "",
            )
        )
    return registry.collection(features, units={"flow_m3_s": "m³/s", "length_m": "m"})
