"""What is left of a target (目标余量): the mean that the remaining days can still afford.

A target for a mean, say PM2.5 ≤ 35.4 over the year, leaves (target × n − so far) / remaining. The
target is met when the *rounded* mean is within it, so the affordable mean is reckoned to the very
edge of rounding, which is stated. Where more is better (dissolved oxygen) the same figure is the
least that is still needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

__all__ = ["Budget", "DaysBudget", "days_budget", "mean_budget"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What the rest of a period can afford (浓度余量).

    ``so_far`` is the exact mean until now; ``affordable`` the mean of the rest with which the
    target is just met, None when nothing remains; ``edge`` the mean of the whole at which it tips,
    and ``edge_meets`` whether that very mean still meets it (half to even: 34.5 is 34, 35.5 is 36).
    ``state`` is ``met`` or ``missed`` when nothing can change it any more (no concentration is
    below zero), else ``open``.
    """

    so_far: Fraction | None
    affordable: Fraction | None
    done: int
    remaining: int
    state: str
    edge: Fraction
    edge_meets: bool


@dataclass(frozen=True, slots=True)
class DaysBudget:
    """How many days may still be bad (超标天数余量): ``affordable`` of ``remaining``."""

    good: int
    done: int
    remaining: int
    affordable: int
    state: str


def mean_budget(
    values: Sequence[Decimal | Fraction],
    *,
    remaining: int,
    target: Decimal,
    places: int | None = None,
    bound: str = "max",
) -> Budget:
    """Return the mean that *remaining* equal parts (days, samplings) can still afford.

    Parameters
    ----------
    values : sequence
        Valid, unrounded values until now, each of equal weight.
    target : Decimal
        The mean to be met: at most for ``bound="max"``, at least for ``"min"``.
    places : int, optional
        Places to which the mean is rounded before it is compared (air, HJ 663); None to compare
        it unrounded (water).
    """
    half = Fraction(0) if places is None else Fraction(1, 2 * 10**places)
    edge = Fraction(target) + half if bound == "max" else Fraction(target) - half
    edge_meets = _meets(edge, target, places, bound)
    total = sum((Fraction(value) for value in values), Fraction(0))
    count = len(values)
    so_far = total / count if count else None
    if remaining <= 0:
        met = so_far is not None and _meets(so_far, target, places, bound)
        return Budget(so_far, None, count, 0, "met" if met else "missed", edge, edge_meets)
    affordable = (edge * (count + remaining) - total) / remaining
    state = "open"
    if bound == "max" and (affordable < 0 or (affordable == 0 and not edge_meets)):
        state = "missed"
    if bound == "min" and (affordable < 0 or (affordable == 0 and edge_meets)):
        state = "met"
    return Budget(so_far, affordable, count, remaining, state, edge, edge_meets)


def days_budget(
    *, good: int, done: int, remaining: int, target_percent: Decimal, places: int = 1
) -> DaysBudget:
    """Return how many of the remaining days may be bad for a share of good days (优良率) to be met.

    The share is rounded to *places* before it is compared, half to even.
    """
    total = done + remaining
    need = next(
        (
            days
            for days in range(floor(Fraction(target_percent) * total / 100) + 2)
            if total and round(Fraction(100 * days, total), places) >= Fraction(target_percent)
        ),
        total + 1,
    )
    affordable = good + remaining - need
    state = "missed" if affordable < 0 else "met" if good >= need else "open"
    return DaysBudget(good, done, remaining, max(affordable, 0), state)


def _meets(mean: Fraction, target: Decimal, places: int | None, bound: str) -> bool:
    held = mean if places is None else round(mean, places)
    return held <= Fraction(target) if bound == "max" else held >= Fraction(target)
