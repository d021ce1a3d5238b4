"""What inspectors found on site in the last three months (现场检查): the table ``checks.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import cycle

import numpy as np

from qingyuan.cities import Enterprise
from qingyuan.demo.incidents import Plan

__all__ = ["Check", "field_checks"]

_FEW = 4
_UNANSWERED = ("registered", "assigned", "signed", "checked")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: how long ago, where its case stands now (empty: struck off), and its words."""

    hours_ago: int
    ends: str
    matter: str
    title: str
    finding: str
    problem: str
    measures: str
    opinion: str

    @property
    def words(self) -> Mapping[str, object]:
        """What is said in the case, by field of the procedure."""
        said: dict[str, object] = {"finding": self.finding, "problems": [self.problem]}
        return said | {
            k: v for k, v in (("measures", self.measures), ("opinion", self.opinion)) if v
        }


def field_checks(plan: Plan) -> list[tuple[Check, Enterprise]]:
    """Return the findings and whose they are, chosen by the seed.

    Where the enterprise has had to answer, it is one with a person who signs in; the culprits of
    what is still to come are left alone. A small city has none: its ledgers are for one story.
    """
    coming = {s.enterprise_id for s in plan.stories if s.incident.role != "past"}
    signing = {p.enterprise_id for p in plan.city.people if p.enterprise_id} - coming
    discharging = {o.enterprise_id for o in plan.city.outfalls if o.enterprise_id} - coming
    if len(signing) < _FEW:
        return []
    with files(__package__).joinpath("checks.csv").open(encoding="utf-8") as lines:
        rows = [Check(hours_ago=int(r.pop("hours_ago")), **r) for r in csv.DictReader(lines)]
    order = np.random.default_rng([plan.seed, 211]).permutation(len(plan.city.enterprises))
    drawn = [plan.city.enterprises[i] for i in order]
    answering = cycle([e for e in drawn if e.enterprise_id in signing])
    others = iter([e for e in drawn if e.enterprise_id in discharging - signing])
    return [(row, next(others if row.ends in _UNANSWERED else answering)) for row in rows]
