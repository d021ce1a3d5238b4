"""Faulty vehicles (故障车辆): named with the figures that speak against them."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np

from qingyuan.hotspots.calibration import Calibration
from qingyuan.hotspots.fixes import REASONS, Fixes
from qingyuan.hotspots.roads import Floats, Ints

__all__ = ["FAULTS", "Fault", "clock_of", "find_faults"]

FAULTS = ("stuck", "gain", "offset", "drift", "clock", "noise", "range", "position")
_GAIN, _OFFSET, _DRIFT_A_DAY = 1.5, 20.0, 0.15  # DB11/T 1926-2021 asks for 1 ± 0.25 and 0 ± 20
_FAR_OUT = 4.0  # robust standard deviations of the fleet
_LAG_S, _LAG_NATS, _LAG_SURE_NATS = 180.0, 12.0, 25.0
_OVER_FLEET = 4.0  # what is left of space in the common curve makes every clock a little doubtful
_SHARE = 0.02


@dataclass(frozen=True)
class Fault:
    """One fault of one vehicle; ``evidence`` are figures, ``says`` and ``says_en`` a sentence."""

    vehicle_id: str
    fault: str
    evidence: dict[str, float]
    says: str
    says_en: str


def _from_fleet(values: Floats, least: float) -> Floats:
    """Return how many robust standard deviations each lies from the fleet's median."""
    middle = np.median(values)
    spread = max(1.4826 * float(np.median(np.abs(values - middle))), least)
    return (values - middle) / spread


def find_faults(
    fixes: Fixes, reason: Ints, pm10: Calibration, pm25: Calibration | None, *, surely: bool = False
) -> list[Fault]:
    """Name every vehicle whose counts of rejected fixes or whose calibration cannot be believed.

    A vehicle pulls the common air to its own clock: suspects are looked at a second time against
    air made without them, *surely*, when a wrong clock shows twice as plainly.
    """
    found = _rejected(fixes, reason)
    for item, fit in (("PM10", pm10), ("PM2.5", pm25)):
        if fit is not None:
            found += _fitted(fixes.vehicles, item, fit)
    found += _clocks(fixes.vehicles, pm10, pm25, _LAG_SURE_NATS if surely else _LAG_NATS)
    first: dict[tuple[str, str], Fault] = {}
    for fault in found:
        first.setdefault((fault.vehicle_id, fault.fault), fault)
    return sorted(first.values(), key=lambda f: (f.vehicle_id, f.fault))


def _rejected(fixes: Fixes, reason: Ints) -> list[Fault]:
    named = {"stuck": "stuck", "range": "range", "jump": "position", "speed": "position"}
    said = {
        "stuck": ("读数长时间不变", "its readings did not change for long"),
        "range": ("读数超出量程", "its readings are out of range"),
        "position": ("定位跳变或速度不合理", "its positions jump or its speed is impossible"),
    }
    least = {"stuck": _SHARE, "range": 0.1, "position": 0.15}
    found = []
    for v, vehicle in enumerate(fixes.vehicles):
        mine = fixes.vehicle == v
        total = int(mine.sum())
        for why, fault in named.items():
            bad = mine & (reason == REASONS.index(why))
            count = int(bad.sum())
            if count < max(least[fault] * total, 40):
                continue
            since = float(fixes.t[bad].min())
            zh, en = said[fault]
            figures = {"fixes": count, "of": total, "since_s": since}
            found.append(Fault(
                vehicle, fault, figures, f"{zh}：{total} 条中有 {count} 条，自第 {since:.0f} 秒起。",
                f"{en}: {count} of {total} fixes, from second {since:.0f} on.",
            ))  # fmt: skip
    return found


def _fitted(vehicles: tuple[str, ...], item: str, fit: Calibration) -> list[Fault]:
    known = np.isfinite(fit.spread)
    if known.sum() < 3:
        return []
    logs = np.log(np.maximum(fit.gain, 1e-3))
    out, far = np.zeros(len(logs)), np.zeros(len(logs))
    out[known] = _from_fleet(logs[known], 0.05)
    far[known] = _from_fleet(fit.offset[known], 2.0)
    usual = float(np.median(fit.spread[known]))
    found = []
    for v in np.flatnonzero(known):
        gain, offset, drift = float(fit.gain[v]), float(fit.offset[v]), float(fit.drift[v])
        if abs(logs[v]) > np.log(_GAIN) and abs(out[v]) > _FAR_OUT:
            figures = {"gain": gain, "se": float(fit.gain_se[v]),
                       "fleet": exp(float(np.median(logs[known])))}  # fmt: skip
            found.append(Fault(
                vehicles[v], "gain", figures,
                f"{item} 增益为 {gain:.2f}（±{figures['se']:.2f}），车队中位数为 {figures['fleet']:.2f}。",
                f"{item} gain is {gain:.2f} (±{figures['se']:.2f}); the fleet's median is {figures['fleet']:.2f}.",
            ))  # fmt: skip
        if abs(offset) > _OFFSET and abs(far[v]) > _FAR_OUT:
            figures = {"offset": offset, "se": float(fit.offset_se[v])}
            found.append(Fault(
                vehicles[v], "offset", figures, f"{item} 零点偏移 {offset:.0f} µg/m³，超出 ±20。",
                f"{item} offset is {offset:.0f} µg/m³, beyond ±20.",
            ))  # fmt: skip
        if abs(drift) > _DRIFT_A_DAY:
            found.append(Fault(
                vehicles[v], "drift", {"drift_per_day": drift}, f"{item} 增益每日漂移 {drift:.0%}。",
                f"{item} gain drifts by {drift:.0%} a day.",
            ))  # fmt: skip
        if fit.spread[v] > 3 * usual:
            figures = {"spread": float(fit.spread[v]), "fleet": usual}
            found.append(Fault(
                vehicles[v], "noise", figures,
                f"{item} 分钟中位数的离散为 {fit.spread[v]:.1f} µg/m³，车队中位数为 {usual:.1f}。",
                f"{item} minute medians scatter by {fit.spread[v]:.1f} µg/m³; the fleet's median is {usual:.1f}.",
            ))  # fmt: skip
    return found


def _clocks(
    vehicles: tuple[str, ...], pm10: Calibration, pm25: Calibration | None, least: float
) -> list[Fault]:
    told = [clock_of(v, pm10, pm25) for v in range(len(vehicles))]
    usual = float(np.quantile([nats for _, _, nats in told], 0.75)) if len(told) > 3 else 0.0
    found = []
    for vehicle, (lag, error, nats) in zip(vehicles, told, strict=True):
        if abs(lag) >= _LAG_S and nats >= max(least, _OVER_FLEET * usual):
            way = ("快", "fast") if lag > 0 else ("慢", "slow")
            found.append(Fault(
                vehicle, "clock", {"shift_s": lag, "se_s": error, "nats": nats},
                f"时钟{way[0]} {abs(lag):.0f} 秒（±{error:.0f}）：与全车队背景曲线对齐后拟合明显更好（{nats:.0f} nat），已按此更正。",
                f"Its clock is {abs(lag):.0f} s (±{error:.0f}) {way[1]}: moved so, it fits the fleet's air far better ({nats:.0f} nats); its fixes were moved back.",
            ))  # fmt: skip
    return found


def clock_of(v: int, pm10: Calibration, pm25: Calibration | None) -> tuple[float, float, float]:
    """Return by how many seconds a vehicle's clock is fast, its error, and how many nats say so.

    Both pollutants speak where they agree; the error is never told smaller than a quarter of a
    minute, since the air's curve is no better known.
    """
    lag, error, nats = float(pm10.lag_s[v]), float(pm10.lag_se_s[v]), float(pm10.lag_nats[v])
    if pm25 is not None and abs(pm25.lag_s[v] - lag) <= 300:
        nats += float(pm25.lag_nats[v])
        other, second = float(pm25.lag_s[v]), float(pm25.lag_se_s[v])
        if np.isfinite(error) and np.isfinite(second):
            w = second**2 / (error**2 + second**2)
            lag, error = w * lag + (1 - w) * other, error * second / float(np.hypot(error, second))
    return lag, max(error, 15.0), nats
