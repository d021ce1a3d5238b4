"""Rules (参数): what every check needs, as a dated table with its mark."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from qingyuan.core.problems import Problem

__all__ = ["Relation", "Rules", "Tolerance", "rules_at"]


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation between factors (因子关系): ``a ≤ b`` or ``a = factor · b · c``."""

    kind: str
    a: str
    b: str
    c: str
    factor: float
    relative: float
    absolute: float
    clause: str
    mark: str


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a station may be from a laboratory (比对监测允许误差), for values from *above* on."""

    factor: str
    above: float
    kind: str
    allowed: float
    clause: str
    mark: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule set of a date; ``checks[kind][name]`` holds numbers."""

    id: str
    mark: str
    past_days: int
    window_days: int
    least_days: int
    checks: Mapping[str, Mapping[str, float]]
    relations: tuple[Relation, ...]
    tolerances: tuple[Tolerance, ...]

    def of(self, kind: str) -> Mapping[str, float]:
        """Return the numbers of one check."""
        return self.checks[kind]


@cache
def _all() -> tuple[tuple[date, Rules], ...]:
    folder = files(__package__).joinpath("tables")
    found = []
    for entry in folder.iterdir():
        if entry.name.startswith("integrity-"):
            data = tomllib.loads(entry.read_text("utf-8"))
            found.append((date.fromisoformat(data["in_force_from"]), _rules(data)))
    return tuple(sorted(found, key=lambda pair: pair[0]))


def _rules(data: Mapping[str, object]) -> Rules:
    read: dict[str, list[dict[str, str]]] = {}
    for name in ("relations", "manual_tolerance"):
        with files(__package__).joinpath(f"tables/{name}.csv").open(encoding="utf-8") as lines:
            read[name] = list(csv.DictReader(lines))
    checks = data["checks"]
    if not isinstance(checks, dict):
        raise TypeError("integrity rules: [checks] must be a table")
    return Rules(
        id=str(data["id"]),
        mark=str(data["mark"]),
        past_days=int(str(data["past_days"])),
        window_days=int(str(data["window_days"])),
        least_days=int(str(data["least_days"])),
        checks=checks,
        relations=tuple(
            Relation(
                row["kind"], row["a"], row["b"], row["c"], float(row["factor"] or 1),
                float(row["relative"]), float(row["absolute"]), row["clause"], row["mark"],
            )
            for row in read["relations"]
        ),
        tolerances=tuple(
            Tolerance(
                row["factor"], float(row["above"]), row["kind"], float(row["allowed"]),
                row["clause"], row["mark"],
            )
            for row in read["manual_tolerance"]
        ),
    )  # fmt: skip


def rules_at(day: date) -> Rules:
    """Return the rule set in force on *day*.

    Raises
    ------
    Problem
        ``readings.no_integrity_rules`` before the first one.
    """
    held = [rules for since, rules in _all() if since <= day]
    if not held:
        raise Problem("readings.no_integrity_rules", day=day.isoformat())
    return held[-1]
