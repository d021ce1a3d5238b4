"""Intake (入库审核): what one reading is worth, and why not.

Nothing is dropped here: a reading that cannot be used keeps its text and gets its reasons.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

from qingyuan.readings.model import Reading
from qingyuan.readings.numbers import number
from qingyuan.readings.rules import RuleSet

__all__ = ["Flag", "Verdict", "flags", "is_valid_flag", "judge", "ranges", "valid_flags"]


@dataclass(frozen=True, slots=True)
class Flag:
    """A data flag of HJ 212 (数据标记) and whether its values take part."""

    flag: str
    zh: str
    en: str
    valid: bool
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What intake says of a reading (审核结论).

    ``value`` is None when the text is no number; ``reasons`` are codes: ``not_a_number``,
    ``flag`` (a known flag that excludes it), ``unknown_flag``, ``below_range``, ``above_range``,
    ``clock_ahead`` (dated later than it was received).
    """

    value: Decimal | None
    reasons: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether the value takes part in evaluation."""
        return not self.reasons


@cache
def flags() -> dict[str, Flag]:
    """Return every known flag; the empty one stands for none sent."""
    with files(__package__).joinpath("tables/flags.csv").open(encoding="utf-8") as lines:
        return {
            row["flag"]: Flag(
                row["flag"], row["zh"], row["en"], row["valid"] == "yes", row["source"]
            )
            for row in csv.DictReader(lines)
        }


@cache
def valid_flags() -> frozenset[str]:
    """Return the flags whose values take part in evaluation."""
    return frozenset(known.flag for known in flags().values() if known.valid)


def is_valid_flag(flag: str) -> bool:
    """Whether a value under *flag* takes part; an unknown flag does not."""
    return flag in valid_flags()


def judge(reading: Reading, *, rules: RuleSet) -> Verdict:
    """Return the value of a reading and every reason not to use it."""
    value = number(reading.text)
    reasons = []
    if value is None:
        reasons.append("not_a_number")
    elif reading.factor in ranges():
        low, high = ranges()[reading.factor]
        if value < low:
            reasons.append("below_range")
        if value > high:
            reasons.append("above_range")
    if not is_valid_flag(reading.flag):
        reasons.append("flag" if reading.flag in flags() else "unknown_flag")
    ahead = timedelta(seconds=rules.clock_ahead_s)
    if reading.received_at is not None and reading.time > reading.received_at + ahead:
        reasons.append("clock_ahead")
    return Verdict(value, tuple(reasons))


@cache
def ranges() -> dict[str, tuple[Decimal, Decimal]]:
    """Return the plausible range of each factor that has one, in its display unit."""
    with files(__package__).joinpath("tables/ranges.csv").open(encoding="utf-8") as lines:
        return {
            row["factor"]: (Decimal(row["low"]), Decimal(row["high"]))
            for row in csv.DictReader(lines)
        }
