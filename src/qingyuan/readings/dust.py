"""Sand-dust (沙尘): hours that look like it, proposed for a person to confirm.

The rule is a table (``standards/tables/sand-dust-2017.toml``), common practice and unverified: it
proposes, and nothing is left out of any statistic until somebody confirms with evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from qingyuan.core.explanation import Said
from qingyuan.core.periods import Period
from qingyuan.standards.documents import document_at

__all__ = ["DustProposal", "propose_dust"]

_HOUR = timedelta(hours=1)
_Pair = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class DustProposal:
    """Hours proposed as sand-dust at one station (拟认定沙尘时段), and why.

    ``before`` is the mean PM10 of the hours before; ``ended`` whether PM10 came back to it within
    the data given.
    """

    station: str
    period: Period
    before: Fraction
    peak: Decimal
    ended: bool
    reasons: tuple[Said, ...]
    rule_set: str
    clause: str
    marks: tuple[str, ...]


def propose_dust(
    station: str,
    first_end: datetime,
    pm10: Sequence[Decimal | None],
    pm25: Sequence[Decimal | None],
    *,
    at: date,
) -> list[DustProposal]:
    """Propose sand-dust hours of one station.

    Parameters
    ----------
    first_end : datetime
        End of the first hour; the hours follow one another without gaps in the sequences.
    pm10, pm25 : sequence of Decimal or None
        Hourly values, μg/m³; a missing one neither begins nor ends an event.
    at : date
        Chooses the rule.
    """
    held = document_at("sand-dust", at)
    rule = held.more["screen"]
    found = []
    hour = 0
    while hour < len(pm10):
        start = _begins(pm10, pm25, hour, rule)
        if start is None:
            hour += 1
            continue
        before, reasons = start
        end, ended = _ends(pm10, hour, before, rule)
        values = [value for value in pm10[hour:end] if value is not None]
        found.append(
            DustProposal(
                station=station,
                period=Period(first_end + _HOUR * (hour - 1), first_end + _HOUR * (end - 1)),
                before=before,
                peak=max(values),
                ended=ended,
                reasons=reasons,
                rule_set=held.document,
                clause=rule["clause"],
                marks=(held.mark, rule["mark"]),
            )
        )
        hour = end
    return found


def _begins(
    pm10: Sequence[Decimal | None],
    pm25: Sequence[Decimal | None],
    hour: int,
    rule: dict[str, object],
) -> tuple[Fraction, tuple[Said, ...]] | None:
    """Return the mean before and the reasons, when an event begins with this hour."""
    span = range(max(0, hour - int(str(rule["before_hours"]))), hour)
    pairs = [_pair(pm10[i], pm25[i]) for i in span]
    whole = [pair for pair in pairs if pair is not None and pair[0] > 0]
    now = _pair(pm10[hour], pm25[hour])
    if now is None or len(whole) < int(str(rule["needed_before"])):
        return None
    before = sum((coarse for coarse, _ in whole), Fraction(0)) / len(whole)
    ratio = sum((fine / coarse for coarse, fine in whole), Fraction(0)) / len(whole)
    least, rise = Fraction(str(rule["pm10_at_least"])), Fraction(str(rule["rise"]))
    share = Fraction(int(str(rule["ratio_share_percent"])), 100)
    coarse, fine = now
    if coarse < least or coarse < rise * before or fine / coarse > share * ratio:
        return None
    seen = f"PM10 {float(coarse):g}, {float(before):.1f}, PM2.5/PM10 {float(fine / coarse):.2f}, {float(ratio):.2f}"
    return before, (
        Said(
            f"PM10 ≥ {least} 且 ≥ 前 6 小时均值的 {rise} 倍，PM2.5/PM10 ≤ 前 6 小时均比的 50 %（{seen}）",
            f"PM10 ≥ {least} and ≥ {rise} × its mean of 6 h before, PM2.5/PM10 ≤ 50 % of that before ({seen})",
        ),
    )


def _ends(
    pm10: Sequence[Decimal | None], hour: int, before: Fraction, rule: dict[str, object]
) -> tuple[int, bool]:
    """Return the hour after the last, and whether PM10 came back."""
    back = before * (1 + Fraction(int(str(rule["back_within_percent"])), 100))
    last = min(len(pm10), hour + int(str(rule["longest_hours"])))
    for at in range(hour + 1, last):
        value = pm10[at]
        if value is not None and Fraction(value) <= back:
            return at, True
    return last, False


def _pair(coarse: Decimal | None, fine: Decimal | None) -> _Pair | None:
    return None if coarse is None or fine is None else (Fraction(coarse), Fraction(fine))
