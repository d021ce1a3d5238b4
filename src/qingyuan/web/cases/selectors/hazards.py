"""Key points of the towns (镇街突出点): open hazards by town, each with its risk and control standard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.ledger import LedgerRow, cases, rows
from qingyuan.web.cases.selectors.rules import current
from qingyuan.web.registry import selectors as registry

__all__ = ["RISKS", "HazardRow", "Town", "hazards", "hazards_geojson", "towns", "wanted_of"]

RISKS = ("major", "larger", "general", "low")
_MOST = 2000


@dataclass(frozen=True, slots=True)
class HazardRow:
    """One hazard: where, how grave, how it is controlled, who answers for it, how long is left."""

    row: LedgerRow
    town: str
    place: str
    risk: str
    risk_label: str
    standard: str
    spot: tuple[float, float] | None

    @property
    def case(self) -> Case:
        """The case of the hazard."""
        return self.row.case


@dataclass(frozen=True, slots=True)
class Town:
    """How many key points a town has, by risk from grave to low."""

    name: str
    counts: tuple[tuple[str, str, int], ...]
    total: int
    late: int


def _labels() -> Mapping[str, str]:
    rules = current().get("hazard")
    choices = rules.form["risk"].choices if rules else {}
    return {risk: in_language(label) for risk, label in choices.items()}


def _spot(case: Case) -> tuple[float, float] | None:
    lon, lat = case.form.get("lon"), case.form.get("lat")
    if lon is not None and lat is not None:
        return float(str(lon)), float(str(lat))
    return (case.enterprise.lon, case.enterprise.lat) if case.enterprise else None


def wanted_of(given: Mapping[str, str]) -> dict[str, str]:
    """Read the filter from an address."""
    return {name: given.get(name, "")[:80] for name in ("town", "risk", "all")}


def hazards(
    scope: Scope, wanted: Mapping[str, str], *, at: datetime
) -> tuple[list[HazardRow], list[HazardRow]]:
    """Return the hazards in force as asked for, gravest first, and all of them before the filter.

    ``town`` and ``risk`` narrow; without ``all`` only the key points of the towns are listed.
    """
    found = cases(scope).filter(procedure__name="hazard", closed_at=None)
    if wanted.get("all") != "1":
        found = found.filter(form__key_point=True)
    names = _labels()
    every = [
        HazardRow(
            row=row,
            town=str(row.case.form.get("town") or row.case.district.name),
            place=str(row.case.form.get("place", "")),
            risk=str(row.case.form.get("risk", "")),
            risk_label=names.get(str(row.case.form.get("risk", "")), ""),
            standard=str(row.case.form.get("standard", "")),
            spot=_spot(row.case),
        )
        for row in rows(list(found.order_by("opened_at", "pk")[:_MOST]), at=at)
    ]
    every.sort(key=lambda h: (_grade(h.risk), h.town, h.case.number))
    chosen = [
        h
        for h in every
        if wanted.get("town", h.town) in ("", h.town) and wanted.get("risk", h.risk) in ("", h.risk)
    ]
    return chosen, every


def _grade(risk: str) -> int:
    return RISKS.index(risk) if risk in RISKS else len(RISKS)


def towns(found: list[HazardRow]) -> list[Town]:
    """Count by town and risk, the town with most grave ones first."""
    names = _labels()
    counted = Counter((h.town, h.risk) for h in found)
    late = Counter(h.town for h in found if h.row.late)
    made = []
    for town in {h.town for h in found}:
        counts = tuple((risk, names.get(risk, risk), counted[(town, risk)]) for risk in RISKS)
        made.append(Town(town, counts, sum(h.town == town for h in found), late[town]))
    return sorted(made, key=lambda t: ([-n for _risk, _label, n in t.counts], t.name))


def hazards_geojson(found: list[HazardRow]) -> dict[str, Any]:
    """Return the hazards that have a place, as the map draws cases."""
    return registry.collection(
        [
            {
                "type": "Feature",
                "id": hazard.case.ref,
                "geometry": {"type": "Point", "coordinates": list(hazard.spot)},
                "properties": {
                    "kind": "case",
                    "code": hazard.case.number,
                    "name": f"{hazard.place} {hazard.risk_label}".strip(),
                    "state": hazard.case.state_label,
                    "left": hazard.row.left,
                    "risk": hazard.risk,
                    "standard": hazard.standard,
                    "town": hazard.town or _("未写明镇街"),
                },
            }
            for hazard in found
            if hazard.spot
        ]
    )
