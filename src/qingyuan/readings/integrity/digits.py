"""Last digits (末位数字): invented numbers end in favourite digits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from qingyuan.readings.integrity.chance import chi_square_bits
from qingyuan.readings.integrity.doubt import Doubt, doubt_about
from qingyuan.readings.integrity.series import Series, Site

__all__ = ["find_digits"]

_LONGEST = 8  # digits: a longer text is a printed binary fraction, whose end says nothing


def find_digits(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find last digits, as sent, unlike both chance and the station's own past (末位数字).

    Only where the readings scatter over many steps of the last digit, so that it should be free;
    an analyser that counts in twos or fives does so in its past as well.
    """
    if not series.texts:
        return []
    decimals = _usual_decimals(series)
    if decimals is None:
        return []
    now, on = _digits(series, site.window, decimals)
    past, _ = _digits(series, slice(0, site.window.start), decimals)
    total = int(now.sum())
    if total < rule["least_count"] or past.sum() < rule["least_count"]:
        return []
    step = 10.0**-decimals
    changes = np.abs(np.diff(series.values[site.window]))
    changes = changes[~np.isnan(changes)]
    if len(changes) < 20 or np.median(changes) < rule["free_steps"] * step:
        return []
    even = float(((now - total / 10) ** 2 / (total / 10)).sum())
    share = (past + 2) / (past.sum() + 20)
    # both samples scatter: the past's share is known no better than its own number allows
    widen = 1 + total / float(past.sum())
    own = float(((now - total * share) ** 2 / (total * share * widen)).sum())
    bits = min(chi_square_bits(even, 9), chi_square_bits(own, 9))
    favourite = int(np.argmax(now - total * share))
    return [
        doubt_about(
            "digits",
            site.station,
            series,
            slice(on[0], on[-1] + 1),
            statistic=own,
            bits=bits,
            needed=rule["needed_bits"],
            rests_on=[i for i in on if _last(series.texts[i]) == favourite],
            values={
                "digit": str(favourite),
                "share": f"{100 * now[favourite] / total:.0f}",
                "usual": f"{100 * share[favourite]:.0f}",
                "total": str(total),
                "chi2": f"{own:.1f}",
            },
        )
    ]


def _usual_decimals(series: Series) -> int | None:
    found = Counter(
        len(text.partition(".")[2]) for text in series.texts if text and _is_plain(text)
    )
    if not found:
        return None
    decimals, often = found.most_common(1)[0]
    # loggers that leave out a last zero write one in ten texts shorter; then no digit is missing
    return decimals if often >= 0.8 * sum(found.values()) else None


def _is_plain(text: str) -> bool:
    bare = text.strip().lstrip("+-").replace(".", "", 1)
    return bare.isdecimal() and len(bare) <= _LONGEST


def _last(text: str) -> int:
    return int(text.strip()[-1])


def _digits(series: Series, steps: slice, decimals: int) -> tuple[np.ndarray, list[int]]:
    """Return how often each last digit stands, and where; a missing last zero is put back.

    A value that stays is one draw, not many; zero and the detection limit are no draw at all.
    """
    counts, on = np.zeros(10), []
    before = np.nan
    for i in range(steps.start, steps.stop):
        text, value = series.texts[i], series.values[i]
        if not text or not _is_plain(text) or np.isnan(value):
            continue
        stays, before = value == before, value
        if stays or value in (0.0, series.floor):
            continue
        written = len(text.partition(".")[2])
        if written > decimals:
            continue
        counts[_last(text) if written == decimals else 0] += 1
        on.append(i)
    return counts, on
