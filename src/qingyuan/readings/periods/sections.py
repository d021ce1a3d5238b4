"""Sections over a period (断面时段均值): exact means of samplings, as 环办〔2011〕22号 asks.

A month is the mean of its samplings, a quarter of at least two, a year of its months (at least
eight). A result below the detection limit enters a mean as half of that limit, and is counted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction

from qingyuan.readings.numbers import number
from qingyuan.readings.periods.spans import Span, months_in, seasons_in, years_in
from qingyuan.standards.documents import document_at

__all__ = ["Sampling", "SectionMeans", "section_means", "undetected"]

_BELOW = re.compile(r"(?:[<＜]\s*(?P<before>.+)|(?P<after>.+?)\s*[Ll])")
_CONTEXT = Context(prec=60)
_SPANS = {"month": months_in, "season": seasons_in, "year": years_in}


@dataclass(frozen=True, slots=True)
class Sampling:
    """One sampling or reading of a section (一次监测); values unrounded, None when missing.

    ``below`` names the items whose value is half a detection limit.
    """

    section: str
    day: date
    values: Mapping[str, Decimal | None]
    below: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SectionMeans:
    """The means of one section over one span (断面时段均值).

    ``exact`` holds the quotients, ``values`` the same to 60 digits, which no limit can tell apart;
    ``samplings`` and ``undetected`` count by item; ``is_valid`` says whether the span has what it
    needs.
    """

    section: str
    span: Span
    exact: Mapping[str, Fraction]
    values: Mapping[str, Decimal]
    samplings: Mapping[str, int]
    undetected: Mapping[str, int]
    is_valid: bool


def undetected(text: str) -> Decimal | None:
    """Return the detection limit that ``0.01L``, ``<0.01`` names, or None."""
    found = _BELOW.fullmatch(text.strip())
    return number(found["before"] or found["after"]) if found else None


def section_means(samplings: Iterable[Sampling], *, kind: str = "month") -> list[SectionMeans]:
    """Return the means of every section and span in which it was sampled, in order.

    Parameters
    ----------
    kind : str
        ``month``, ``season`` or ``year``.
    """
    held: dict[str, list[Sampling]] = defaultdict(list)
    for one in samplings:
        held[one.section].append(one)
    found = []
    for section, mine in held.items():
        first, last = min(one.day for one in mine), max(one.day for one in mine)
        for span in _SPANS[kind](first, (last - first).days + 1):
            within = [one for one in mine if span.first <= one.day < span.end]
            if within:
                found.append(_of_span(section, span, within))
    return found


def _of_span(section: str, span: Span, held: Sequence[Sampling]) -> SectionMeans:
    rule = document_at("water-evaluation", span.first).more["means"]
    count = {name: len(values) for name, values in _by_item(held).items()}
    if span.kind == "year":
        months = [
            _exact([one for one in held if month.first <= one.day < month.end])
            for month in months_in(span.first, span.length)
        ]
        by_item: dict[str, list[Fraction]] = defaultdict(list)
        for month in months:
            for name, value in month.items():
                by_item[name].append(value)
        exact = {name: sum(values, Fraction(0)) / len(values) for name, values in by_item.items()}
        valid = sum(bool(month) for month in months) >= rule["year_months"]
    else:
        exact = _exact(held)
        needed = rule["quarter_samplings"] if span.kind == "season" else 1
        valid = len({one.day for one in held}) >= needed
    return SectionMeans(
        section=section,
        span=span,
        exact=exact,
        values={
            name: _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))
            for name, value in exact.items()
        },
        samplings=count,
        undetected={name: sum(name in one.below for one in held) for name in count},
        is_valid=valid,
    )


def _by_item(held: Sequence[Sampling]) -> dict[str, list[Decimal]]:
    found: dict[str, list[Decimal]] = defaultdict(list)
    for one in held:
        for name, value in one.values.items():
            if value is not None:
                found[name].append(value)
    return found


def _exact(held: Sequence[Sampling]) -> dict[str, Fraction]:
    return {
        name: sum(map(Fraction, values), Fraction(0)) / len(values)
        for name, values in _by_item(held).items()
    }
