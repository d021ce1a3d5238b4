"""The inspection (检查): every check over one station, and what is worth telling."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qingyuan.readings.integrity.digits import find_digits
from qingyuan.readings.integrity.doubt import Doubt
from qingyuan.readings.integrity.levels import find_clipped, find_jumps, find_scaled
from qingyuan.readings.integrity.outside import find_manual, find_stopped
from qingyuan.readings.integrity.relations import find_broken, find_parted
from qingyuan.readings.integrity.repeats import find_copies, find_stuck
from qingyuan.readings.integrity.rules import Rules
from qingyuan.readings.integrity.scatter import find_calm, find_noise
from qingyuan.readings.integrity.series import Series, Site

__all__ = ["KINDS", "inspect"]

KINDS = (
    "stuck", "calm", "clipped", "copy", "digits", "relation", "parted", "scaled", "noise",
    "jump", "stopped", "manual",
)  # fmt: skip
_DIRECTIONS = frozenset({"a01008"})  # a bearing wraps round; no check here knows how


def inspect(site: Site, *, rules: Rules) -> list[Doubt]:
    """Return what asks to be checked at a station in its window, the most surprising first (需核查).

    Parameters
    ----------
    site : Site
        Series on one grid, the window under inspection and what is known besides.
    rules : Rules
        The rule set of the window's last day.

    Returns
    -------
    list of Doubt
        At most one for each kind and factor (or pair of factors), each with at least the bits its
        kind needs. Empty when the past is shorter than ``least_days``: without a past there is no
        yardstick.
    """
    found = [doubt for doubt in _candidates(site, rules) if doubt.bits >= doubt.needed]
    return sorted(found, key=lambda d: (d.needed - d.bits, d.kind, d.factor))


def _candidates(site: Site, rules: Rules) -> Iterator[Doubt]:
    for code, series in site.series.items():
        if "." in code or code in _DIRECTIONS or not _has_past(series, site.window, rules):
            continue
        yield from find_stuck(site, series, rules.of("stuck"))
        yield from find_calm(site, series, rules.of("calm"))
        yield from find_noise(site, series, rules.of("noise"))
        yield from find_clipped(site, series, rules.of("clipped"))
        yield from find_copies(site, series, rules.of("copy"))
        yield from find_digits(site, series, rules.of("digits"))
        yield from find_scaled(site, series, rules.of("scaled"))
        yield from find_jumps(site, series, rules.of("jump"))
        yield from find_stopped(site, series, rules.of("stopped"))
        yield from find_manual(site, series, rules.tolerances, rules.of("manual"))
    yield from find_broken(site, rules.relations, rules.of("relation"))
    yield from find_parted(site, rules.relations, rules.of("parted"))


def _has_past(series: Series, window: slice, rules: Rules) -> bool:
    past = series.values[: window.start]
    known = int((~np.isnan(past)).sum())
    return known * series.step_s >= 0.5 * rules.least_days * 86400
