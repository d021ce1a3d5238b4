"""Where the missing sampling history costs the most tracing power (采样历史覆盖).

For an alarm at a section, an outfall upstream is the culprit with its prior p. Knowing its effluent
answers at best the question "is it this one?", which holds h(p) bits. Its history is worth, at most,
the mean of h(p) over the sections below it; the true gain is smaller where effluents are alike.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.outfalls.parameters import profile_parameters
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Outfall, Section

__all__ = ["Coverage", "Missing", "coverage", "worth_of_history"]


@dataclass(frozen=True, slots=True)
class Missing:
    """An outfall without enough history: how many sections it can reach, and the bits at stake."""

    outfall: Outfall
    sections: int
    bits: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many outfalls have a history, by class, and those whose missing one costs the most."""

    total: int
    known: int
    by_class: list[tuple[str, int, int]]
    missing: list[Missing]
    bits_known: float
    bits_all: float

    @property
    def share(self) -> float:
        """The share of outfalls with a history."""
        return self.known / self.total if self.total else 0.0


def _entropy(p: float) -> float:
    return 0.0 if p <= 0 or p >= 1 else -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def worth_of_history(upstream: list[dict[str, float]]) -> dict[str, tuple[int, float]]:
    """Return outfall → (sections below it, greatest bits its history is worth per alarm).

    Parameters
    ----------
    upstream : list of {outfall: prior weight}
        One mapping per section: the outfalls that can reach it. Every section alarms equally often.
    """
    counts: dict[str, int] = defaultdict(int)
    bits: dict[str, float] = defaultdict(float)
    for weights in upstream:
        whole = sum(weights.values())
        for code, weight in weights.items():
            counts[code] += 1
            if whole > 0:
                bits[code] += _entropy(weight / whole)
    number = max(len(upstream), 1)
    return {code: (counts[code], bits[code] / number) for code in counts}


def coverage(scope: Scope) -> Coverage:
    """Return the coverage of sampling history over the outfalls a person may see."""
    enough = profile_parameters()["enough"]
    found = list(
        registry.outfalls(scope)
        .filter(ended_on=None)
        .annotate(factors_known=Count("profiles", filter=Q(profiles__n__gte=enough)))
    )
    by_class: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in found:
        tally = by_class[row.outfall_class]
        tally[0] += 1
        tally[1] += bool(row.factors_known)
    worth = worth_of_history(_upstream(found))
    missing = [
        Missing(row, *worth[row.code])
        for row in found
        if not row.factors_known and row.code in worth
    ]
    missing.sort(key=lambda m: (-m.bits, m.outfall.code))
    known = {row.code for row in found if row.factors_known}
    return Coverage(
        total=len(found),
        known=len(known),
        by_class=sorted(((n, a, b) for n, (a, b) in by_class.items()), key=lambda r: -r[1]),
        missing=missing,
        bits_known=sum(bits for code, (_, bits) in worth.items() if code in known),
        bits_all=sum(bits for _, bits in worth.values()),
    )


def _upstream(found: list[Outfall]) -> list[dict[str, float]]:
    waterway = registry.Waterway()
    above: dict[str, set[str]] = {}
    answer = []
    for section in Section.objects.order_by("code"):
        reach = section.reach_id
        if reach not in above:
            above[reach] = set(waterway.reaches_upstream(reach))
        answer.append(
            {
                row.code: 1.0 if row.prior_weight is None else row.prior_weight
                for row in found
                if (row.reach_id == reach and row.position_m <= section.position_m)
                or (row.reach_id != reach and row.reach_id in above[reach])
            }
        )
    return answer
