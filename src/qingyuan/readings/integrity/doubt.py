"""A doubt (疑点): a statistic, its window, the rows it rests on, a picture; never a verdict."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import Period
from qingyuan.readings.integrity.series import Series

__all__ = ["Doubt", "Words", "doubt_about", "words_of"]

_ROWS_KEPT = 60
_POINTS = 400


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in a series that asks to be checked (需核查).

    Attributes
    ----------
    bits : float
        −log2 of the chance that a station like this one shows as much by itself somewhere in the
        window; the search over places and lags is counted already. 10 bits: once in a thousand.
    needed : float
        The bits from which on this kind is told, so that the budget of false alarms holds.
    rows : tuple of (time, text)
        What it rests on, at most 60; ``count`` says how many there are.
    picture : mapping
        ``lines`` of (time, value or None), ``band`` = the period concerned, ``level`` if a level
        matters.
    values : mapping
        The numbers of the sentence, formatted.
    """

    kind: str
    station: str
    factor: str
    period: Period
    statistic: float
    bits: float
    needed: float
    count: int
    rows: tuple[tuple[str, str], ...]
    picture: Mapping[str, Any]
    values: Mapping[str, str]
    clause: str = ""
    others: tuple[str, ...] = ()

    @property
    def chance(self) -> float:
        """The chance of as much by accident, 2 to the minus bits."""
        return float(2.0**-self.bits)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "kind": self.kind,
            "station": self.station,
            "factor": self.factor,
            "others": list(self.others),
            "start": self.period.start.isoformat(),
            "end": self.period.end.isoformat(),
            "statistic": round(self.statistic, 6),
            "bits": round(self.bits, 2),
            "needed_bits": round(self.needed, 2),
            "chance": self.chance,
            "count": self.count,
            "rows": [list(row) for row in self.rows],
            "picture": dict(self.picture),
            "values": dict(self.values),
            "clause": self.clause,
        }


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a kind of doubt, in one language."""

    title: str
    statistic: str
    sentence: str
    innocent: tuple[str, ...] = field(default=())
    look: str = ""


@cache
def _table() -> Mapping[str, Any]:
    text = files(__package__).joinpath("tables/words.toml").read_text("utf-8")
    return tomllib.loads(text)


def words_of(kind: str, values: Mapping[str, str], *, english: bool = False) -> Words:
    """Return the words for a doubt; *values* are its own."""
    row = _table()[kind]["en" if english else "zh"]
    return Words(
        title=row["title"],
        statistic=row["statistic"],
        sentence=row["sentence"] % values,
        innocent=tuple(row["innocent"]),
        look=row["look"],
    )


def doubt_about(
    kind: str,
    station: str,
    series: Series,
    steps: slice,
    *,
    statistic: float,
    bits: float,
    needed: float,
    values: Mapping[str, str],
    rests_on: Sequence[int] | None = None,
    beside: Sequence[tuple[str, Series]] = (),
    level: float | None = None,
    clause: str = "",
    others: tuple[str, ...] = (),
) -> Doubt:
    """Put a doubt about ``series[steps]`` together, with its rows and its picture."""
    wanted = range(steps.start, steps.stop) if rests_on is None else rests_on
    on = [i for i in wanted if not np.isnan(series.values[i])]
    start, end = series.time(steps.start), series.time(steps.stop)
    margin = max(24, steps.stop - steps.start)
    low, high = max(0, steps.start - margin), min(len(series), steps.stop + margin // 2)
    stride = max(1, (high - low) // _POINTS)
    names = factor_of(series.factor.partition(".")[0])
    picture: dict[str, Any] = {
        "unit": series.unit or names.unit,
        "band": [start.isoformat(), end.isoformat()],
        "stride_s": stride * series.step_s,
        "lines": [
            {"name": name, "points": _points(line, low, high, stride)}
            for name, line in [(series.factor, series), *beside]
        ],
    }
    if level is not None:
        picture["level"] = level
    return Doubt(
        kind=kind,
        station=station,
        factor=series.factor.partition(".")[0],
        period=Period(start, end),
        statistic=statistic,
        bits=bits,
        needed=needed,
        count=len(on),
        rows=tuple((series.time(i).isoformat(), series.text(i)) for i in on[:_ROWS_KEPT]),
        picture=picture,
        values={
            "start": start.isoformat(),
            "end": end.isoformat(),
            "count": str(len(on)),
            "bits": f"{bits:.1f}",
            **values,
        },
        clause=clause,
        others=others,
    )


def _points(series: Series, low: int, high: int, stride: int) -> list[list[object]]:
    return [
        [
            series.time(i).isoformat(),
            None if np.isnan(series.values[i]) else round(float(series.values[i]), 6),
        ]
        for i in range(low, high, stride)
    ]
