"""Rivers and basins (河流、流域): the state of many sections together, and its change.

环办〔2011〕22号. Fewer than five sections: every item is averaged over them and judged by its worst;
five or more: the shares of classes. Shares are compared exactly and only shown rounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from qingyuan.standards import water
from qingyuan.standards.classes import class_rank
from qingyuan.standards.documents import document_at

__all__ = ["BasinState", "Change", "basin_state", "change_between", "spearman"]

_THIRD, _WORSE = 3, 6
_GOOD, _BAD = "好转", "变差"


@dataclass(frozen=True, slots=True)
class BasinState:
    """The state of a river or basin (河流、流域水质状况).

    ``share_good`` is of Ⅰ–Ⅲ and ``share_worse`` of 劣Ⅴ among the classed sections; ``cls`` is given
    only when there are fewer sections than the method of shares needs.
    """

    sections: int
    grade: str | None
    colour: str | None
    share_good: Fraction | None
    share_worse: Fraction | None
    cls: str | None
    main_pollutants: tuple[str, ...]
    rule_set: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """How a basin changed between two periods (变化情况); points are per cent of sections."""

    said: str
    good_points: Fraction
    worse_points: Fraction


def basin_state(
    sections: Sequence[Mapping[str, Decimal | None]],
    *,
    at: date,
    water_type: str = "river",
    scope: str = "section",
) -> BasinState:
    """Return the state of all *sections*, each given by the unrounded means of its items."""
    rules = document_at("water-evaluation", at)
    table, marks = rules.more["basin"], (rules.mark, rules.more["basin"]["mark"])
    found = [
        water.evaluate(values, at=at, water_type=water_type, scope=scope) for values in sections
    ]
    classed = [one for one in found if one.cls is not None]
    ranks = [class_rank(one.cls) for one in classed if one.cls is not None]
    shares = (
        (Fraction(sum(rank <= _THIRD for rank in ranks), len(ranks)) if ranks else None),
        (Fraction(sum(rank == _WORSE for rank in ranks), len(ranks)) if ranks else None),
    )
    if len(classed) < table["mean_below"]:
        means = _means(sections)
        whole = water.evaluate(means, at=at, water_type=water_type, scope=scope)
        grade = water.grade_of(whole.cls, at=at) if whole.cls else None
        return BasinState(
            len(classed),
            grade.name if grade else None,
            grade.colour if grade else None,
            *shares,
            whole.cls,
            tuple(over.item for over in whole.over[: table["main_most"]]),
            rules.document,
            marks,
        )
    good, worse = Fraction(shares[0] or 0) * 100, Fraction(shares[1] or 0) * 100
    name, colour = next(
        (name, colour)
        for name, colour, low, high in table["grades"]
        if good >= low and worse < high
    )
    over = Counter(one.item for section in classed for one in section.over)
    main = tuple(item for item, _ in over.most_common(table["main_most"])) if good < 90 else ()
    return BasinState(len(classed), name, colour, *shares, None, main, rules.document, marks)


def change_between(before: BasinState, after: BasinState, *, at: date) -> Change:
    """Return how the state changed: by grade, or within a grade by ΔG − ΔD (环办〔2011〕22号 四)."""
    rules = document_at("water-evaluation", at).more
    names = [name for name, *_ in rules["basin"]["grades"]]
    good = (Fraction(after.share_good or 0) - Fraction(before.share_good or 0)) * 100
    worse = (Fraction(after.share_worse or 0) - Fraction(before.share_worse or 0)) * 100
    if before.grade is None or after.grade is None:
        return Change("无法比较", good, worse)
    steps = names.index(before.grade) - names.index(after.grade)
    if steps:
        word = _GOOD if steps > 0 else _BAD
        return Change(f"明显{word}" if abs(steps) > 1 else f"有所{word}", good, worse)
    balance = good - worse
    if abs(balance) <= rules["change"]["none_within"]:
        return Change("无明显变化", good, worse)
    word = _GOOD if balance > 0 else _BAD
    some = abs(balance) <= rules["change"]["some_within"]
    return Change(f"有所{word}" if some else f"明显{word}", good, worse)


def spearman(values: Sequence[Decimal | Fraction]) -> Fraction | None:
    """Return the rank correlation with time of at least five periods (秩相关系数), else None.

    rs = 1 − 6 Σd² / (N³ − N); ties take the mean of their ranks.
    """
    count = len(values)
    if count < 5:
        return None
    total = Fraction(0)
    for place, value in enumerate(values, start=1):
        below = sum(other < value for other in values)
        same = sum(other == value for other in values)
        total += (Fraction(2 * below + same + 1, 2) - place) ** 2
    return 1 - 6 * total / (count**3 - count)


def _means(sections: Sequence[Mapping[str, Decimal | None]]) -> dict[str, Decimal | None]:
    held: dict[str, list[Decimal]] = {}
    for values in sections:
        for name, value in values.items():
            if value is not None:
                held.setdefault(name, []).append(value)
    return {name: sum(values, Decimal(0)) / len(values) for name, values in held.items()}
