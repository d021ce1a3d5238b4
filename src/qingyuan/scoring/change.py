"""Change between two periods (同比与改善): relative or in points, said explicitly, under one rule set.

A concentration improves by a share of last year's (PM2.5 同比改善 3.1 %); a rate of good days may
be told in points or as a share of last year's rate, two different numbers: both are given by name.
Years across the change of rules on 2026-03-01 are compared under one rule set, which is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from qingyuan.core.problems import Problem
from qingyuan.scoring.ranking import rank

__all__ = ["Improvement", "Rebound", "improvement", "rebound_ranking"]


@dataclass(frozen=True, slots=True)
class Improvement:
    """How a figure changed (改善幅度); positive is better.

    ``relative_percent`` is of last period's figure; ``points`` the plain difference in the figure's
    own unit (percentage points of a rate, μg/m³ of a concentration). Both are rounded to one place,
    half to even, on the exact quotient.
    """

    this: Decimal | None
    last: Decimal | None
    relative_percent: Decimal | None
    points: Decimal | None
    is_better: bool | None
    rule_set: str


@dataclass(frozen=True, slots=True)
class Rebound:
    """One district's rebound (反弹): the evidence row of a 约谈 rule. Rank 1 rebounds most."""

    district: str
    this: Decimal | None
    last: Decimal | None
    difference: Decimal | None
    rate_percent: Decimal | None
    rank: int | None
    rebounds: bool


def improvement(
    this: Decimal | None,
    last: Decimal | None,
    *,
    rule_sets: tuple[str, str],
    smaller_is_better: bool = True,
) -> Improvement:
    """Return the change of a figure, both computed under one rule set.

    Raises
    ------
    Problem
        ``scoring.mixed_rules`` when the two figures come from different rule sets.
    """
    if rule_sets[0] != rule_sets[1]:
        raise Problem("scoring.mixed_rules", this=rule_sets[0], last=rule_sets[1])
    if this is None or last is None:
        return Improvement(this, last, None, None, None, rule_sets[0])
    step = Fraction(last) - Fraction(this) if smaller_is_better else Fraction(this) - Fraction(last)
    relative = _tenths(100 * step / Fraction(last)) if last else None
    return Improvement(this, last, relative, _tenths(step), step > 0, rule_sets[0])


def rebound_ranking(
    figures: Mapping[str, tuple[Decimal | None, Decimal | None]], *, by: str = "rate"
) -> Sequence[Rebound]:
    """Put districts in order of rebound, the worst first (PM10 反弹最严重).

    Parameters
    ----------
    figures : mapping
        District → (this, last), rounded as published, under one rule set.
    by : str
        ``rate`` of last period's figure, or ``difference``: a choice of the city's own rule.
    """
    exact: dict[str, tuple[Fraction | None, Fraction | None]] = {}
    for name, (this, last) in figures.items():
        step = None if this is None or last is None else Fraction(this) - Fraction(last)
        exact[name] = step, step / Fraction(last) if step is not None and last else None
    measure = [pair[1 if by == "rate" else 0] for pair in exact.values()]
    ranks = rank([None if value is None else -value for value in measure])
    found = [
        Rebound(
            district=name,
            this=figures[name][0],
            last=figures[name][1],
            difference=None if step is None else _tenths(step),
            rate_percent=None if rate is None else _tenths(100 * rate),
            rank=place,
            rebounds=step is not None and step > 0,
        )
        for (name, (step, rate)), place in zip(exact.items(), ranks, strict=True)
    ]
    return sorted(found, key=lambda one: (one.rank is None, one.rank or 0))


def _tenths(value: Fraction) -> Decimal:
    return Decimal(round(value * 10)).scaleb(-1)
