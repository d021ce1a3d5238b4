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

from qingyuan.readings.intake import valid_flags
from qingyuan.readings.numbers import DECIMALS
from qingyuan.store.answers import Question
from qingyuan.store.columns import KEY

__all__ = ["asked", "hourly", "newest", "settled", "usable"]

_HOUR_S = 3600
_WIDE = f"decimal(38, {DECIMALS})"
_SHORT, _SHORT_DECIMALS, _SHORT_LENGTH = "decimal(18, 6)", 6, 13
_ZERO = ibis.literal(Decimal(0), type=_WIDE)


def asked(question: Question, clean: Expression, mixed: Expression | None = None) -> Expression:
    """Keep the rows a question asks for, one of each key; only *mixed* holds changed values."""
    found = _selected(clean, question)
    return found if mixed is None else found.union(settled(_selected(mixed, question)))


def _selected(rows: Expression, question: Question) -> Expression:
    found = rows.filter(
        rows.time >= _instant(question.period.start),
        rows.time < _instant(question.period.end),
    )
    if question.known_at is not None:
        found = found.filter(found.received_at <= _instant(question.known_at))
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


def usable(rows: Expression, bounds: Expression) -> Expression:
    """Keep the rows that take part in means: numbers in range, under a valid flag.

    ``bounds`` has ``factor low high`` of the factors that have a plausible range.
    """
    sound = rows.filter(rows.value.notnull(), rows.flag.isin(sorted(valid_flags())))
    ranged = sound.left_join(bounds, sound.factor == bounds.bounded)
    return ranged.filter(ranged.low.isnull() | ranged.value.between(ranged.low, ranged.high))


def hourly(sound: Expression) -> Expression:
    """Sum usable rows by station, factor and clock hour, exactly.

    Columns ``station factor hour total low high count``; ``hour`` counts hours since 1970 UTC. Most
    texts are short plain decimals and fit 64 bits, which is five times as fast to read and sum.
    """
    text = sound.text
    plain = ~(text.contains("e") | text.contains("E"))
    decimals = text.length() - text.find(".") - 1
    short = plain & (decimals <= _SHORT_DECIMALS) & (text.length() <= _SHORT_LENGTH)
    timed = sound.select(
        "station",
        "factor",
        hour=sound.time.epoch_seconds() // _HOUR_S,
        short=ibis.cases((short, text.try_cast(_SHORT))),
        wide=ibis.cases((~short, text.strip().try_cast(_WIDE))),
    )
    sums = timed.group_by("station", "factor", "hour").aggregate(
        count=timed.count(),
        **{
            f"{part}_{name}": getattr(timed[part], name)().cast(_WIDE)
            for part in ("short", "wide")
            for name in ("sum", "min", "max")
        },
    )
    return sums.select(
        "station",
        "factor",
        "hour",
        total=sums.short_sum.fill_null(_ZERO) + sums.wide_sum.fill_null(_ZERO),
        low=ibis.least(sums.short_min, sums.wide_min),
        high=ibis.greatest(sums.short_max, sums.wide_max),
        count=sums["count"],
    ).order_by("station", "factor", "hour")


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
