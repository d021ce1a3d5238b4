"""From outside (旁证): what the laboratory found (手工比对), and what was declared (申报停产)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from qingyuan.readings.integrity.chance import binomial_bits
from qingyuan.readings.integrity.doubt import Doubt, doubt_about
from qingyuan.readings.integrity.rules import Tolerance
from qingyuan.readings.integrity.series import ManualSample, Series, Site

__all__ = ["find_manual", "find_stopped"]


def find_manual(
    site: Site, series: Series, tolerances: Sequence[Tolerance], rule: Mapping[str, float]
) -> list[Doubt]:
    """Find samples of the laboratory that the station's own value misses too often (手工比对)."""
    held = sorted((t for t in tolerances if t.factor == series.factor), key=lambda t: t.above)
    if not held:
        return []
    pairs = []
    for sample in site.manual:
        told = _beside(site, series, sample, held, hours=rule["within_hours"])
        if told is not None:
            pairs.append(told)
    missed = [(i, s, said) for i, s, said, ok in pairs if not ok]
    if len(missed) < rule["least_missed"]:
        return []
    bits = binomial_bits(len(missed), len(pairs), rule["tolerated_share"])
    ratios = [said / s.value for _, s, said in missed if s.value > 0]
    on = sorted(i for i, _, _ in missed)
    return [
        doubt_about(
            "manual",
            site.station,
            series,
            slice(on[0], on[-1] + 1),
            statistic=len(missed) / len(pairs),
            bits=bits,
            needed=rule["needed_bits"],
            rests_on=on,
            clause=f"{held[0].clause}（{held[0].mark}）",
            values={
                "missed": str(len(missed)),
                "pairs": str(len(pairs)),
                "ratio": f"{float(np.median(ratios)):.2f}" if ratios else "—",
            },
        )
    ]


def _beside(
    site: Site, series: Series, sample: ManualSample, held: Sequence[Tolerance], *, hours: float
) -> tuple[int, ManualSample, float, bool] | None:
    """Return step, sample, the station's mean around it, and whether it is near enough."""
    if sample.factor != series.factor or (
        sample.unit and series.unit and sample.unit != series.unit
    ):
        return None  # fmt: skip
    at = int((sample.at.timestamp() - series.first) // series.step_s)
    if not 0 <= at < min(len(series), site.window.stop):
        return None
    reach = series.steps(hours)
    around = series.values[max(0, at - reach) : at + reach + 1]
    if np.isnan(around).all():
        return None
    said = float(np.nanmean(around))
    rule = next((t for t in reversed(held) if sample.value >= t.above), held[0])
    allowed = rule.allowed * sample.value if rule.kind == "relative" else rule.allowed
    # the water moves between the two samplings: the band of the hours around counts as agreement
    low, high = float(np.nanmin(around)), float(np.nanmax(around))
    gap = max(0.0, low - sample.value, sample.value - high)
    return at, sample, said, gap <= allowed


def find_stopped(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find discharge, or strengths that go on varying, while a stop was declared (停产期间有数据).

    Only readings under no excluding flag count; an hour at either end is left to run down.
    """
    if series.factor != "w00000" or not site.stops:
        return []
    usual = float(np.nanmedian(series.values[: site.window.start])) if site.window.start else np.nan
    if not usual > 0:
        return []
    edge = timedelta(hours=rule["edge_hours"])
    on, known = [], 0
    for i in range(site.window.start, site.window.stop):
        at = series.time(i)
        if not any(s.start + edge <= at < s.end - edge for s in site.stops):
            continue
        if np.isnan(series.values[i]):
            continue
        known += 1
        if series.values[i] > rule["least_share"] * usual:
            on.append(i)
    if not on:
        return []
    per_visit = series.steps(rule["visit_hours"])
    bits = binomial_bits(
        -(-len(on) // per_visit), max(1, -(-known // per_visit)), rule["tolerated_share"]
    )
    flow = float(np.nanmean(series.values[on]))
    return [
        doubt_about(
            "stopped",
            site.station,
            series,
            slice(on[0], on[-1] + 1),
            statistic=len(on) / known,
            bits=bits,
            needed=rule["needed_bits"],
            rests_on=on,
            values={
                "hours": f"{len(on) * series.step_s / 3600:g}",
                "share": f"{100 * flow / usual:.0f}",
            },
        )
    ]
