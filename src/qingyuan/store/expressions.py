"""Expressions (查询表达式): each question about observations, written once in Ibis.

Only integers, decimals and comparisons are used, no session time zone and no calendar function, so
that every engine gives the same answer; `qingyuan.store.reference` says what that answer is.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import ibis
from ibis.expr.types import BooleanValue as Boolean
from ibis.expr.types import Table as Expression

from qingyuan.readings.intake import ranges, valid_flags
from qingyuan.readings.numbers import DECIMALS
from qingyuan.store.answers import Question
from qingyuan.store.columns import KEY

__all__ = ["asked", "hourly", "newest", "settled", "usable"]

_HOUR_S = 3600
_EXACT = f"decimal(38, {DECIMALS})"


def asked(rows: Expression, question: Question) -> Expression:
    """Keep the rows a question asks for, one of each key."""
    return settled(_selected(rows, question))


def _selected(rows: Expression, question: Question) -> Expression:
    found = rows.filter(
        rows.time >= _instant(question.period.start),
        rows.time < _instant(question.period.end),
    )
    if question.stations is not None:
        found = found.filter(found.station.isin(list(question.stations)))
    if question.factors is not None:
        found = found.filter(found.factor.isin(list(question.factors)))
    wanted = [_is_from(found, cn, suffix) for cn, suffix in question.sources]
    return found.filter(ibis.or_(*wanted))


def settled(rows: Expression) -> Expression:
    """Keep one row of each key: the one received last where a value was changed.

    Only the keys that were ever changed are ranked; they are few.
    """
    changed = rows.filter(rows.changed).select(*KEY).distinct()
    untouched = rows.anti_join(changed, KEY)
    touched = rows.semi_join(changed, KEY)
    order = [ibis.desc(name) for name in ("received_at", "segment", "offset", "text", "flag")]
    ranked = touched.mutate(
        rank=ibis.row_number().over(group_by=[touched[name] for name in KEY], order_by=order)
    )
    last = ranked.filter(ranked["rank"] == 0).drop("rank")
    return untouched.select(*rows.columns).union(last.select(*rows.columns))


def usable(rows: Expression) -> Expression:
    """Keep the rows that take part in means, with ``exact``: numbers in range, a valid flag."""
    exact = rows.text.strip().try_cast(_EXACT)
    sound = rows.mutate(exact=exact).filter(
        rows.value.notnull(), rows.flag.isin(sorted(valid_flags()))
    )
    for factor, (low, high) in ranges().items():
        inside = sound.exact.between(_decimal(low), _decimal(high))
        sound = sound.filter((sound.factor != factor) | inside)
    return sound


def hourly(sound: Expression) -> Expression:
    """Sum usable rows by station, factor and clock hour, exactly.

    Columns ``station factor hour total low high count``; ``hour`` counts hours since 1970 UTC.
    """
    timed = sound.mutate(hour=sound.time.epoch_seconds() // _HOUR_S)
    return (
        timed.group_by("station", "factor", "hour")
        .aggregate(
            total=timed.exact.sum(),
            low=timed.exact.min(),
            high=timed.exact.max(),
            count=timed.count(),
        )
        .order_by("station", "factor", "hour")
    )


def newest(rows: Expression) -> Expression:
    """Keep the newest row of each station and factor."""
    order = [ibis.desc(name) for name in ("time", "received_at", "segment", "offset", "text")]
    ranked = rows.mutate(
        rank=ibis.row_number().over(group_by=[rows.station, rows.factor], order_by=order)
    )
    return ranked.filter(ranked["rank"] == 0).drop("rank").order_by("station", "factor")


def _is_from(rows: Expression, cn: str | None, suffix: str | None) -> Boolean:
    of_cn = ibis.literal(True) if cn is None else rows.cn == cn
    return of_cn if suffix is None else of_cn & (rows.suffix == suffix)


def _instant(at: datetime) -> ibis.expr.types.Scalar:
    return ibis.literal(at, type="timestamp('UTC')")


def _decimal(value: Decimal) -> ibis.expr.types.Scalar:
    return ibis.literal(value, type=_EXACT)
