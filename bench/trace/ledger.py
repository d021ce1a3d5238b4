"""Invented outfalls, effluents, sampling histories and dischargers' monitors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from valley import Valley

from qingyuan.river import EventFactor, MonitorReading, Outfall, ProfileRow

__all__ = ["FACTORS", "Ledger", "draw_ledger", "monitor_rows", "profile_rows"]

# code → name, loss per day, detection limit, background level, limits (Ⅲ, Ⅳ), follows flow
FACTORS = {
    "w01018": ("COD", 0.15, 4.0, 9.0, (20.0, 30.0), 0.15),
    "w21003": ("NH3-N", 0.2, 0.025, 0.28, (1.0, 1.5), 0.2),
    "w21011": ("TP", 0.05, 0.01, 0.07, (0.2, 0.3), 0.3),
    "w21001": ("TN", 0.05, 0.05, 2.2, None, 0.1),
    "w21017": ("F", 0.0, 0.05, 0.35, (1.0, 1.5), -0.1),
    "w20122": ("Cu", 0.0, 0.001, 0.006, (1.0, 1.0), 0.1),
    "w20123": ("Zn", 0.0, 0.005, 0.02, (1.0, 2.0), 0.1),
    "w23002": ("volatile phenol", 0.25, 0.0003, 0.0006, (0.005, 0.01), 0.0),
}
_ORDER = tuple(FACTORS)
# trade → class, share, mean flow m³/s, normal effluent in the order of FACTORS
_TRADES = {
    "works": ("城镇污水处理厂排污口", 0.06, 0.08, (30, 2.5, 0.35, 11, 0.6, 0.01, 0.04, 0.01)),
    "dyeing": ("工业排污口", 0.09, 0.02, (110, 9, 0.8, 22, 0.7, 0.05, 0.2, 0.08)),
    "fine chemicals": ("工业排污口", 0.08, 0.012, (160, 18, 1.0, 35, 3.0, 0.06, 0.3, 0.9)),
    "plating": ("工业排污口", 0.07, 0.006, (60, 7, 0.7, 18, 4.0, 0.8, 1.8, 0.03)),
    "glass and phosphate": ("工业排污口", 0.06, 0.012, (45, 5, 3.5, 12, 12.0, 0.02, 0.1, 0.02)),
    "starch and brewing": ("工业排污口", 0.1, 0.015, (240, 14, 4.0, 30, 0.5, 0.02, 0.1, 0.05)),
    "coking": ("工业排污口", 0.04, 0.01, (130, 28, 0.5, 48, 2.5, 0.02, 0.1, 1.6)),
    "pig farm": ("农业排口", 0.14, 0.004, (330, 75, 11.0, 130, 0.6, 0.25, 0.7, 0.05)),
    "fish ponds": ("农业排口", 0.1, 0.03, (38, 2.5, 0.6, 6, 0.5, 0.01, 0.03, 0.005)),
    "village": ("其他排口", 0.14, 0.004, (120, 26, 2.6, 38, 0.5, 0.02, 0.1, 0.02)),
    "storm drain": ("其他排口", 0.12, 0.05, (70, 5, 0.7, 10, 0.5, 0.03, 0.2, 0.02)),
}
BETWEEN_SD, DAY_SD = 0.8, 0.4


@dataclass(frozen=True)
class Ledger:
    """Outfalls and what they normally discharge (true ln means, rows outfalls)."""

    outfalls: tuple[Outfall, ...]
    reach: np.ndarray
    position_m: np.ndarray
    ln_normal: np.ndarray
    monitored: np.ndarray
    rain_fed: np.ndarray


def draw_ledger(
    valley: Valley, rng: np.random.Generator, *, count: int, codes: list[str]
) -> Ledger:
    """Draw *count* outfalls along the river, denser where people live."""
    n = len(valley.length_m)
    density = valley.length_m * rng.lognormal(0, 0.7, n)
    reach = rng.choice(n, size=count, p=density / density.sum())
    position = rng.uniform(0.01, 0.99, count) * valley.length_m[reach]
    trades = list(_TRADES)
    share = np.array([_TRADES[t][1] for t in trades])
    trade = rng.choice(len(trades), size=count, p=share / share.sum())
    column = [_ORDER.index(c) for c in codes]
    centre = np.log(np.array([_TRADES[t][3] for t in trades], float))[:, column]
    centre = centre + rng.normal(0, 0.3, centre.shape)  # trades differ from city to city
    ln_normal = centre[trade] + rng.normal(0, BETWEEN_SD, (count, len(codes)))
    flow = np.array([_TRADES[t][2] for t in trades])[trade] * rng.lognormal(0, 0.8, count)
    most = flow * rng.uniform(1.5, 4.0, count)
    weight = rng.choice([0.5, 1.0, 1.0, 2.0, 4.0], size=count)
    monitored = rng.random(count) < 0.1
    outfalls = tuple(
        Outfall(
            f"O{i + 1:04d}",
            valley.told[reach[i]].reach_id,
            round(float(position[i])),
            _TRADES[trades[trade[i]]][0],
            trades[trade[i]],
            round(float(flow[i] * 86400)),
            float(f"{most[i]:.4g}") if rng.random() > 0.03 else None,
            float(weight[i]),
            bool(monitored[i]),
        )
        for i in range(count)
    )
    fed = np.array([t in ("storm drain", "pig farm", "fish ponds") for t in trades])[trade]
    return Ledger(outfalls, reach, position, ln_normal, monitored, fed)


def profile_rows(
    ledger: Ledger, rng: np.random.Generator, *, share: float, codes: list[str]
) -> tuple[ProfileRow, ...]:
    """Sample the histories of a share of the outfalls."""
    rows = []
    for i, outfall in enumerate(ledger.outfalls):
        if rng.random() >= share:
            continue
        n = int(rng.integers(2, 25))
        for f, code in enumerate(codes):
            days = ledger.ln_normal[i, f] + rng.normal(0, DAY_SD, n)
            rows.append(
                ProfileRow(
                    outfall.outfall_id,
                    code,
                    float(n),
                    round(float(days.mean()), 3),
                    round(float(days.std(ddof=1)), 3),
                )
            )
    return tuple(rows)


def monitor_rows(
    ledger: Ledger,
    rng: np.random.Generator,
    *,
    codes: list[str],
    detected: datetime,
    hours: float,
    releases: dict[int, tuple[float, float, float]],
) -> tuple[MonitorReading, ...]:
    """Read the dischargers' monitors; *releases*: outfall → start, end (hours before now), ln multiple.

    Some guilty monitors are honest, some frozen, some silent, some see nothing at all.
    """
    rows = []
    watched = codes[: 2 if len(codes) > 1 else 1]
    step = float(rng.choice([1.0, 2.0]))
    time = np.arange(-hours, 0.01, step)
    stamps = [detected + timedelta(hours=float(t)) for t in time]
    for i in np.flatnonzero(ledger.monitored):
        outfall = ledger.outfalls[i]
        typical = (outfall.permitted_m3_d or 500) / 86400
        curves = {"flow_m3_s": np.log(typical)} | {
            c: ledger.ln_normal[i, codes.index(c)] for c in watched
        }
        dead = rng.random() < 0.04
        way = rng.choice(["honest", "frozen", "silent", "blind"], p=[0.6, 0.18, 0.12, 0.1])
        inside = np.zeros(len(time), bool)
        if i in releases:
            start, end, multiple = releases[i]
            inside = (time >= start) & (time <= end + step)
        jump = np.zeros(len(time), bool)
        if rng.random() < 0.08:
            at = int(rng.integers(len(time)))
            jump[at : at + int(rng.integers(1, 4))] = True
        flat = np.zeros(len(time), bool)
        if rng.random() < 0.1:
            at = int(rng.integers(len(time)))
            flat[at : at + int(rng.integers(5, 14))] = True
        gap = rng.random(len(time)) < 0.03
        if rng.random() < 0.1:
            at = int(rng.integers(len(time)))
            gap[at : at + int(rng.integers(3, 12))] = True
        if inside.any() and way == "frozen":
            flat |= np.convolve(inside, np.ones(5), "same") > 0
        if inside.any() and way == "silent":
            gap |= inside
        for name, level in curves.items():
            value = (
                level + 0.15 * np.sin(2 * np.pi * time / 24 + i) + rng.normal(0, 0.15, len(time))
            )
            value[jump] += 1.5
            if inside.any() and way == "honest":
                value[inside] += 0.7 if name == "flow_m3_s" else multiple
            for k in range(1, len(value)):
                if flat[k] and flat[k - 1]:
                    value[k] = value[k - 1]
            for k, stamp in enumerate(stamps):
                missing = gap[k] or dead
                rows.append(
                    MonitorReading(
                        outfall.outfall_id,
                        stamp,
                        name,
                        None if missing else float(f"{np.exp(value[k]):.5g}"),
                        "D" if missing else "N",
                    )
                )
    return tuple(rows)


def told_factors(rng: np.random.Generator, codes: list[str]) -> dict[str, EventFactor]:
    """Return the factors as the event states them, with their loss rates (true ones are near)."""
    return {c: EventFactor(c, FACTORS[c][0], "mg/L", FACTORS[c][1], FACTORS[c][2]) for c in codes}
