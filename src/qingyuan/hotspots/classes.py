"""Road classes (道路分级): red, orange, yellow, green by a city's table of rules.

Hours and days go by concentration, months by rank among the segments that have enough passes.
The table is data of one city and carries its mark.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import floor
from pathlib import Path
from typing import Any

from qingyuan.core.problems import Problem

__all__ = ["CLASSES", "RoadClasses", "read_road_classes"]

CLASSES = ("red", "orange", "yellow", "green")
_TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True)
class RoadClasses:
    """One city's rules (分级规则): bounds in µg/m³ by item, and shares of the ranking in percent.

    ``score`` weighs districts and ``transfer`` says who pays; both are used by `ranking`.
    """

    name: str
    mark: str
    bounds: Mapping[str, Sequence[tuple[str, float]]]
    shares: Sequence[tuple[str, float]]
    dated: str = ""
    score: Mapping[str, str] = field(default_factory=dict)
    transfer: Mapping[str, Any] = field(default_factory=dict)
    name_en: str = ""

    def of(self, item: str, value: float) -> str:
        """Return the class of an hour or a day: the worst whose lower bound is exceeded."""
        if item not in self.bounds:
            raise Problem("hotspots.unknown_item", given=item, known=", ".join(self.bounds))
        return next(name for name, above in self.bounds[item] if value > above)

    def of_month(
        self,
        means: Mapping[str, float],
        *,
        named_by_city: Sequence[str] = (),
        named_above: Sequence[str] = (),
    ) -> dict[str, tuple[int, str]]:
        """Rank the segments of a month from the highest; return rank and class of each.

        Parameters
        ----------
        means : mapping
            Segment → mean of the month, µg/m³. Equal means share rank and class.
        named_by_city, named_above : sequence
            Segments named by the city's inspection or the media may not be yellow or green;
            named by the national or provincial inspection they are red.
        """
        order = sorted(means, key=lambda s: (-means[s], s))
        out: dict[str, tuple[int, str]] = {}
        rank = 0
        for place, segment in enumerate(order, start=1):
            if place == 1 or means[segment] != means[order[place - 2]]:
                rank = place
            told = next(
                (name for name, up_to in self.shares if rank <= floor(len(order) * up_to / 100)),
                CLASSES[-1],
            )
            if segment in named_above:
                told = "red"
            elif segment in named_by_city and told in ("yellow", "green"):
                told = "orange"
            out[segment] = (rank, told)
        return out


def read_road_classes(city: str = "jinan") -> RoadClasses:
    """Return the rules of a shipped table."""
    path = _TABLES / f"road_classes_{city}.csv"
    if not path.is_file():
        raise Problem("hotspots.unknown_table", given=city)
    side = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    daily = [r for r in rows if r["period"] == "day"]
    bounds = {
        item: [(r["class"], float(r["above"] or "-inf")) for r in daily if r["item"] == item]
        for item in sorted({r["item"] for r in daily})
    }
    shares = [(r["class"], float(r["up_to"])) for r in rows if r["period"] == "month"]
    return RoadClasses(
        side["name"], side["mark"], bounds, shares, side.get("dated", ""), side.get("score", {}),
        side.get("transfer", {}), side.get("name_en", ""),
    )  # fmt: skip
