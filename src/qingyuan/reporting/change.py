"""Changes against last year (同比), each said for what it is (requirement R170).

“改善 3.1 %” is a relative change of a concentration; a change of a rate is a difference in
percentage points, and its relative change is another number. Both are named wherever they stand.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from qingyuan.core.quantities import round_gbt8170
from qingyuan.reporting.wording import Words

__all__ = ["percent", "points_text", "relative_text", "share"]


def share(part: int, whole: int) -> Decimal | None:
    """Return a share in per cent to one decimal, half to even (优良率 0.1 %); None of nothing."""
    return None if whole == 0 else _round(Fraction(100 * part, whole), 1)


def percent(value: Decimal | None, words: Words) -> str:
    """Return a share as it is printed; a missing one in words."""
    return words("word.none") if value is None else f"{value}%"


def relative_text(this: Decimal | None, last: Decimal | None, words: Words) -> str:
    """Say the relative change (this − last)/last of a figure where less is better."""
    if this is None or last is None or last == 0:
        return words("change.unknown")
    change = _round((Fraction(this) - Fraction(last)) * 100 / Fraction(last), 1)
    if change == 0:
        return words("change.same")
    key = "change.better" if change < 0 else "change.worse"
    return words(key, by=f"{abs(change)}%")


def points_text(this: Decimal | None, last: Decimal | None, words: Words) -> str:
    """Say the difference of two rates in percentage points, and its relative change beside it."""
    if this is None or last is None:
        return words("change.unknown")
    points = this - last
    if points == 0:
        return words("change.same")
    key = "change.up" if points > 0 else "change.down"
    said = words(key, by=abs(points))
    if last == 0:
        return said
    rate = _round(Fraction(points) * 100 / Fraction(last), 1)
    return words("change.with_relative", points=said, relative=f"{rate:+}%")


def _round(value: Fraction, places: int) -> Decimal:
    scaled = value * 10**places
    whole = round(scaled)  # Fraction rounds half to even, exactly (GB/T 8170)
    return round_gbt8170(Decimal(whole).scaleb(-places), places)
