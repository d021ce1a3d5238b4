"""Invented monitors to try the checks on: honest ones with every honest oddity, and the others.

Nothing of ``qingyuan.readings.integrity`` is imported here, and no formula is shared with it: a
series is a tank with inflow (a discrete mixing model), production that starts, stops and changes,
rain, and an analyser with its own cycle, resolution, detection limit, gaps, faults and calibrations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

__all__ = ["FACTORS", "METHODS", "Monitor", "make_monitor", "tamper"]

DAYS = 60 + 30
HOURS = DAYS * 24
FACTORS = ("w00000", "w01018", "w21003", "w21011", "w21001")
LIMITS = {"w01018": 50.0, "w21003": 5.0, "w21011": 0.5, "w21001": 15.0}
_MEANS = {"w01018": 26.0, "w21003": 1.9, "w21011": 0.22, "w21001": 8.0}
_DECIMALS = {"w00000": 2, "w01018": 1, "w21003": 3, "w21011": 3, "w21001": 2}
_FLOOR = {"w01018": 4.0, "w21003": 0.02, "w21011": 0.01, "w21001": 0.05}
METHODS = ("clamp", "scale", "replay", "freeze", "noise", "drift", "stop", "digits", "swap")


@dataclass
class Monitor:
    """One outfall's monitor over 90 days, hour by hour."""

    values: dict[str, np.ndarray]
    texts: dict[str, list[str]]
    flags: dict[str, list[str]]
    limits: dict[str, float]
    truth: dict[str, np.ndarray]
    stops: list[tuple[int, int]] = field(default_factory=list)
    manual: list[tuple[int, str, float]] = field(default_factory=list)


def _tank(rng: np.random.Generator, hours: int, mixing: float) -> np.ndarray:
    """Return what leaves a mixed tank fed by lumpy, heavy-tailed inflow; about 1 on average."""
    feed = rng.gamma(2.0, 0.5, hours + 200)
    lumps = rng.random(hours + 200) < 0.01
    feed = feed + lumps * rng.gamma(2.0, 2.0, hours + 200)
    out = np.empty(hours + 200)
    level = 1.0
    for i, fresh in enumerate(feed):
        level += mixing * (fresh - level)
        out[i] = level
    out = out[200:]
    return out / out.mean()


def _production(rng: np.random.Generator, hours: int) -> np.ndarray:
    """Return working hours, weekends and changes of product."""
    hour = np.arange(hours)
    shape = rng.choice(["flat", "day", "batch"])
    day = {
        "flat": np.ones(24),
        "day": np.r_[np.full(7, 0.45), np.full(13, 1.35), np.full(4, 0.7)],
        "batch": 1 + 0.5 * np.sin(np.arange(24) * 2 * np.pi * 3 / 24),
    }[str(shape)]
    level = day[hour % 24] * np.where((hour // 24) % 7 >= 5, rng.uniform(0.6, 1.0), 1.0)
    at = 0
    while at < hours:  # another product, another order book
        length = int(rng.exponential(20 * 24)) + 48
        level[at : at + length] *= rng.lognormal(0, 0.2)
        at += length
    return level


def make_monitor(seed: int) -> Monitor:
    """Return an honest monitor."""
    rng = np.random.default_rng([seed, 1])
    production = _production(rng, HOURS)
    common = _tank(rng, HOURS, rng.uniform(0.04, 0.3))
    base_flow = rng.uniform(3, 60)
    flow = base_flow * production * (1 + 0.04 * rng.standard_normal(HOURS))
    if rng.random() < 0.3:  # rain water in the sewer
        for at in rng.integers(0, HOURS, 8):
            flow[at : at + 20] *= 1 + 2 * np.exp(-np.arange(len(flow[at : at + 20])) / 6)
    truth: dict[str, np.ndarray] = {"w00000": np.maximum(flow, 0)}
    strength = rng.lognormal(0, 0.35)
    for code, mean in _MEANS.items():
        own = _tank(rng, HOURS, rng.uniform(0.03, 0.3))
        weight = rng.uniform(0.2, 0.8)
        level = mean * strength * rng.lognormal(0, 0.25)
        truth[code] = (
            level * common**weight * own ** (1 - weight) * production ** rng.uniform(0, 0.4)
        )
    truth["w21001"] = np.maximum(truth["w21001"], 0) + truth["w21003"]
    values = {code: _read(rng, code, series) for code, series in truth.items()}
    flags = {code: ["N"] * HOURS for code in truth}
    _faults(rng, values, flags)
    monitor = Monitor(values, {}, flags, dict(LIMITS), truth)
    for at in rng.integers(61 * 24, HOURS - 24, 4):  # the laboratory, honest and a little off
        for code in ("w01018", "w21003"):
            monitor.manual.append(
                (int(at), code, float(truth[code][at] * (1 + 0.05 * rng.standard_normal())))
            )
    return write(monitor)


def _read(rng: np.random.Generator, code: str, series: np.ndarray) -> np.ndarray:
    """Return what the analyser shows: cycle, scatter, detection limit and resolution."""
    seen = series.copy()
    if code != "w00000" and rng.random() < 0.4:  # one analysis every two hours
        seen[1::2] = seen[::2][: len(seen[1::2])]
        scatter = (
            1
            + rng.uniform(0.005, 0.04)
            * np.repeat(rng.standard_normal(len(seen) // 2 + 1), 2)[: len(seen)]
        )
    else:
        scatter = 1 + rng.uniform(0.005, 0.04) * rng.standard_normal(len(seen))
    seen = np.maximum(seen * scatter, _FLOOR.get(code, 0.0))
    step = 10.0 ** -_DECIMALS[code]
    if rng.random() < 0.25:  # a coarse meter
        step *= rng.choice([5, 10, 20])
    return np.round(np.round(seen / step) * step, _DECIMALS[code])


def _faults(
    rng: np.random.Generator, values: dict[str, np.ndarray], flags: dict[str, list[str]]
) -> None:
    """Gaps, honest short sticking, maintenance and calibration under their flags."""
    for _ in range(rng.poisson(6)):
        at = int(rng.integers(0, HOURS - 12))
        for code in values:
            values[code][at : at + int(rng.integers(1, 8))] = np.nan
    for code in values:
        if code == "w00000":
            continue
        for _ in range(rng.poisson(2)):
            at = int(rng.integers(0, HOURS - 6))
            values[code][at : at + int(rng.integers(2, 5))] = values[code][at]
        for at in range(int(rng.integers(0, 24 * 14)), HOURS - 3, 24 * 14):
            for k in (0, 1):
                flags[code][at + k] = "C"
                values[code][at + k] = rng.choice([0.0, 2.0, 20.0])


def write(monitor: Monitor) -> Monitor:
    """Write the texts of a monitor's values."""
    monitor.texts = {
        code: ["" if np.isnan(v) else f"{v:.{_DECIMALS[code]}f}" for v in series]
        for code, series in monitor.values.items()
    }
    return monitor


def tamper(seed: int, method: str) -> tuple[Monitor, str, tuple[int, int]]:
    """Return a monitor that does not tell the truth, the factor, and the hours concerned."""
    rng = np.random.default_rng([seed, 2, METHODS.index(method)])
    monitor = make_monitor(seed)
    code = (
        "w00000" if method == "stop" else str(rng.choice(["w01018", "w21003", "w21011", "w21001"]))
    )
    if method == "swap":
        code = "w21003"
    length = int(rng.integers(4, 12)) * 24
    start = int(rng.integers(62 * 24, HOURS - length - 24))
    here = slice(start, start + length)
    series, truth = monitor.values[code], monitor.truth[code]
    decimals = _DECIMALS[code]
    change: dict[str, Callable[[], np.ndarray]] = {
        "clamp": lambda: _clamp(rng, monitor, code, here),
        "scale": lambda: series[here] * rng.uniform(0.4, 0.7),
        "replay": lambda: _replay(rng, series, start, length),
        "freeze": lambda: _freeze(rng, series, start, length),
        "noise": lambda: np.nanmean(series[start - 48 : start]) * (1 + rng.uniform(0.05, 0.15) * rng.standard_normal(length)),
        "drift": lambda: series[here],
        "stop": lambda: series[here],
        "digits": lambda: _invented(rng, series[here], decimals),
        "swap": lambda: monitor.values["w21001"][here] * rng.uniform(1.3, 1.8),
    }  # fmt: skip
    said = np.maximum(change[method](), _FLOOR.get(code, 0.0))
    series[here] = np.where(np.isnan(series[here]), np.nan, np.round(said, decimals))
    monitor.values[code] = series
    if method == "scale":
        monitor.manual = [m for m in monitor.manual if m[1] != code]
    if method == "drift":  # the analyser reads lower each day; the laboratory and calibration know
        sign = rng.choice([-1, 1])
        last = HOURS - 24
        start = last - 20 * 24
        here = slice(start, last)
        days = np.arange(last - start) / 24
        monitor.values[code][here] = np.round(series[here] * (1 + sign * 0.025 * days), decimals)
        for k in range(start, last):
            monitor.flags[code][k] = "N"
        for k in (last, last + 1):
            monitor.flags[code][k] = "C"
        if code in ("w01018", "w21003"):
            for at in range(last - 10 * 24, last, 48):
                monitor.manual.append(
                    (at, code, float(truth[at] * (1 + 0.05 * rng.standard_normal())))
                )
        length = last - start
    if method == "stop":
        monitor.stops.append((start, start + length))
    return write(monitor), code, (start, start + length)


def _clamp(rng: np.random.Generator, monitor: Monitor, code: str, here: slice) -> np.ndarray:
    """Lift a plant in trouble above its limit, and hold what is said just under it."""
    limit = monitor.limits[code]
    true = monitor.values[code][here]
    true = true * (1.15 * limit / np.nanmedian(true))
    cap = rng.uniform(0.9, 0.985) * limit
    return np.where(true > cap, cap * (1 - 0.008 * rng.random(len(true))), true)


def _replay(rng: np.random.Generator, series: np.ndarray, start: int, length: int) -> np.ndarray:
    back = int(rng.integers(1, 15)) * 24 + int(rng.choice([0, 0, 5]))
    source = series[start - back : start - back + 24]
    source = np.where(np.isnan(source), np.nanmean(source), source)
    factor = rng.choice([1.0, 1.0, rng.uniform(0.8, 1.2)])
    said = np.tile(source, length // 24 + 1)[:length] * factor
    return said * (1 + rng.choice([0.0, 0.003]) * rng.standard_normal(length))


def _freeze(rng: np.random.Generator, series: np.ndarray, start: int, length: int) -> np.ndarray:
    level = np.nanmedian(series[start - 6 : start])
    return level * (1 + rng.choice([0.0, 0.002]) * rng.standard_normal(length))


def _invented(rng: np.random.Generator, series: np.ndarray, decimals: int) -> np.ndarray:
    """Numbers made up by a person: round endings and favourite digits."""
    said = series * (1 + 0.05 * rng.standard_normal(len(series)))
    step = 10.0**-decimals
    digits = rng.choice(
        10, len(series), p=[0.2, 0.02, 0.12, 0.1, 0.04, 0.22, 0.08, 0.08, 0.12, 0.02]
    )
    return np.floor(said / (10 * step)) * 10 * step + digits * step
