"""The reference engine (参照实现): the same answers in plain Python, slow and easy to read.

It exists so that DuckDB, and any engine after it, has something to agree with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow as pa

from qingyuan.core.periods import Period
from qingyuan.readings.intake import is_valid_flag, ranges
from qingyuan.readings.means import Mean, day_means, hour_means
from qingyuan.readings.numbers import number, summand
from qingyuan.readings.rules import Validity, rules_at
from qingyuan.store.answers import READINGS, Question, Source, sources_of
from qingyuan.store.columns import KEY, OBSERVATIONS

__all__ = ["Reference"]

Row = Mapping[str, Any]


class Reference:
    """Answers over rows held in memory (参照引擎), with the signatures of `Observations`."""

    def __init__(self, rows: pa.Table) -> None:
        self._rows: list[Row] = rows.cast(OBSERVATIONS).to_pylist()

    def series(
        self,
        station: str,
        factor: str,
        period: Period,
        *,
        suffix: str | None = None,
        cn: str | None = None,
    ) -> list[Row]:
        """Return the rows of one series in the order of time, one of each key."""
        question = Question(period, [station], [factor], sources_of(cn, suffix))
        order = ("time", "cn", "suffix", "mn")
        return sorted(self._asked(question), key=lambda row: [row[name] for name in order])

    def latest(
        self,
        *,
        at: datetime,
        stations: Sequence[str] | None = None,
        within: timedelta = timedelta(days=2),
    ) -> list[Row]:
        """Return the newest row of each station and factor dated *within* a span before *at*."""
        question = Question(Period(at - within, at + timedelta(microseconds=1)), stations)
        order = ("time", "received_at", "segment", "offset", "text")
        newest: dict[tuple[str, str], Row] = {}
        for row in sorted(self._asked(question), key=lambda row: [row[name] for name in order]):
            newest[row["station"], row["factor"]] = row
        return [newest[key] for key in sorted(newest)]

    def means(
        self,
        stations: Sequence[str] | None,
        factors: Sequence[str] | None,
        period: Period,
        *,
        step: Literal["hour", "day"] = "hour",
        interval_s: int | None = None,
        rule: Validity | None = None,
        sources: Sequence[Source] = READINGS,
        known_at: datetime | None = None,
    ) -> list[Mean]:
        """Return hourly or daily means with counts and validity."""
        validity = rule or rules_at(period.start).validity
        values = [
            (row["station"], row["factor"], row["time"], summand(value))
            for row in self._asked(Question(period, stations, factors, sources, known_at))
            if (value := number(row["text"])) is not None and _is_usable(row)
        ]
        hours = hour_means(values, rule=validity, interval_s=interval_s)
        return hours if step == "hour" else day_means(hours, rule=validity)

    def _asked(self, question: Question) -> Iterable[Row]:
        """Return the rows asked for; where a value was changed, the one received last."""
        order = ("received_at", "segment", "offset", "text", "flag")
        last: dict[tuple[Any, ...], Row] = {}
        for row in sorted(self._rows, key=lambda row: [row[name] for name in order]):
            if _is_asked(row, question):
                last[tuple(row[name] for name in KEY)] = row
        return last.values()


def _is_asked(row: Row, question: Question) -> bool:
    return (
        row["time"] in question.period
        and (question.known_at is None or row["received_at"] <= question.known_at)
        and (question.stations is None or row["station"] in question.stations)
        and (question.factors is None or row["factor"] in question.factors)
        and any(
            cn in (None, row["cn"]) and suffix in (None, row["suffix"])
            for cn, suffix in question.sources
        )
    )


def _is_usable(row: Row) -> bool:
    value = number(row["text"])
    low, high = ranges().get(row["factor"], (None, None))
    inside = low is None or high is None or (value is not None and low <= value <= high)
    return inside and is_valid_flag(row["flag"])
