"""The outfalls of one map (排污口一张图): class, state and load, now or on an earlier day."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.readings.numbers import number
from qingyuan.standards.outfalls import class_in_english, class_of_outfall, outfall_classes
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring.models import Latest
from qingyuan.web.outfalls.models import OutfallRecord
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["outfall_tints", "outfalls_geojson"]

_COD, _FLOW = "w01018", "w00000"  # 化学需氧量；废水流量，L/s（HJ 212-2017）
_FRESH = timedelta(hours=2)
# Not official colours: hues apart from those of water classes and AQI levels.
_CLASS_HUES = ("#8e5aa8", "#2f6fae", "#7d8b2e", "#8a8f8c")
_LEVELS = {
    name: f"class-{n}"
    for n, name in enumerate(dict.fromkeys(c.level1 for c in outfall_classes().values()), 1)
}
_STATE_HUES = {
    "found": "#9aa39e",
    "traced": "#7a9fd0",
    "curing": "#c98a2b",
    "accepting": "#39a08e",
    "struck": "#0e6b5c",
}


def _load_now(row: Outfall, latest: dict[tuple[str, str], Latest], at: datetime) -> float | None:
    """Return the COD load in kg/d from online values no older than two hours."""
    pair = [latest.get((row.station, code)) for code in (_COD, _FLOW)]
    if any(one is None or not one.valid or at - one.time > _FRESH for one in pair):
        return None
    cod, flow = (number(one.text) for one in pair if one)
    return None if cod is None or flow is None else float(cod) * float(flow) * 0.0864


def _load_expected(row: Outfall) -> float | None:
    """Return the COD load in kg/d by its own history and the approved flow."""
    held = next((p for p in row.profiles.all() if p.factor == _COD), None)
    if held is None or row.permitted_m3_d is None:
        return None
    return math.exp(held.ln_mean + held.ln_sd**2 / 2) * row.permitted_m3_d / 1000


def outfalls_geojson(scope: Scope, *, at: datetime, then: datetime | None = None) -> dict[str, Any]:
    """Return the outfalls in use at a moment; loads only for now (``load_kind`` says how known)."""
    moment = then or at
    day = city_date(moment)
    in_use = Q(ended_on=None) | Q(ended_on__gt=day)
    held = (
        OutfallRecord.objects.filter(valid_from__lte=day)
        .filter(Q(valid_to=None) | Q(valid_to__gt=day))
        .values_list("outfall_id", "outfall_class", "state")
    )
    records = {code: (name, state) for code, name, state in held}
    latest = {
        (one.station, one.factor): one
        for one in Latest.objects.filter(factor__in=(_COD, _FLOW), station__startswith="outfall:")
    }

    def feature(row: Outfall) -> dict[str, Any]:
        name, state = records.get(row.code, (row.outfall_class, ""))
        known = class_of_outfall(name)
        online = None if then else _load_now(row, latest, at)
        load = online if online is not None or then else _load_expected(row)
        return registry.point_feature(
            row,
            "outfall",
            outfall_class=name,
            level1=_LEVELS.get(known.level1, "") if known else "",
            state=state,
            load_kg_d=None if load is None else round(load, 2),
            load_kind="" if load is None else "online" if online is not None else "expected",
            enterprise=row.enterprise.name if row.enterprise else "",
            enterprise_code=row.enterprise_id or "",
            permitted_m3_d=row.permitted_m3_d,
            online=row.online,
            district_code=row.district_id,
        )

    rows = registry.outfalls(scope).filter(in_use)
    return registry.collection(
        (feature(row) for row in rows), units={"permitted_m3_d": "m³/d", "load_kg_d": "kg/d"}
    )


def outfall_tints() -> list[dict[str, Any]]:
    """Return how the layer may be painted: by class, by state, by load of COD."""
    return [
        {
            "name": "class",
            "label": _("类别"),
            "property": "level1",
            "values": [
                [code, in_language(name, class_in_english(name)), hue]
                for (name, code), hue in zip(_LEVELS.items(), _CLASS_HUES, strict=True)
            ],
        },
        {
            "name": "state",
            "label": _("环节"),
            "property": "state",
            "values": [
                [value, str(label), _STATE_HUES[value]]
                for value, label in OutfallRecord.State.choices
            ],
        },
        {
            "name": "load",
            "label": _("COD 负荷"),
            "property": "load_kg_d",
            "values": [],
            "unit": "kg/d",
            "largest": 1000,
        },
    ]
