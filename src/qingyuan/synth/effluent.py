"""What every outfall lets out, hour by hour (排水过程): trades, clocks, weeks, weather, chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingyuan.cities import City, Outfall
from qingyuan.synth.chance import hourly_noise, normal_at
from qingyuan.synth.geography.plan import EFFLUENT, trades

__all__ = ["CARRIED", "Discharge"]

# what the water carries: the described effluent, and turbidity
CARRIED = (*EFFLUENT, "w01003")
_TURBIDITY = 25.0
_BEIJING_H = 8

# shape of the day by hour of Beijing time, and the share left at weekends
_DAYS = {
    "continuous": ([1.0] * 24, 0.97),
    "day": ([0.25] * 7 + [1.0, 1.7, 2.0, 2.0, 1.7, 1.3, 1.8, 2.0, 2.0, 1.9, 1.6, 1.1, 0.6] + [0.3] * 4, 0.35),
    "night": ([2.0, 2.2, 2.2, 2.0, 1.8, 1.4, 1.0] + [0.6] * 13 + [0.7, 0.9, 1.2, 1.6], 0.9),
    "batch": ([0.6] * 8 + [1.2, 1.5, 1.5, 1.0, 0.8, 1.2, 1.6, 1.6, 1.4, 1.1] + [0.8] * 6, 0.7),
    "municipal": ([0.75, 0.65, 0.58, 0.55, 0.57, 0.68, 0.9, 1.15, 1.25, 1.25, 1.2, 1.15, 1.15, 1.1, 1.03, 1.0, 1.0, 1.05, 1.15, 1.25, 1.28, 1.22, 1.08, 0.9], 1.0),
    "rain": ([1.0] * 24, 1.0),
}  # fmt: skip
# means of classes that have no trade: COD, NH3-N, TP, CODMn, TN, F mg/L, conductivity μS/cm
_BY_CLASS = {
    "农村污水处理设施排污口": (42, 8.0, 1.2, 12, 15, 0.5, 950),
    "城镇雨洪排口": (24, 1.2, 0.2, 7, 4, 0.4, 600),
    "农村生活污水散排口": (85, 16, 2.0, 23, 24, 0.5, 1050),
    "规模化水产养殖排污口": (22, 1.4, 0.35, 7, 4, 0.4, 900),
}
_OTHER = (40, 4.0, 0.5, 12, 10, 0.5, 1000)


def _mean_flow(outfall: Outfall) -> float:
    """Ordinary discharge, m³/s: four fifths of the permit, else a sixth of the pipe."""
    if outfall.permitted_m3_d:
        return outfall.permitted_m3_d / 1.25 / 86400
    return (outfall.max_flow_m3_s or 0.001) / 6


class Discharge:
    """The ordinary discharge of all outfalls of a city, and nothing hidden."""

    def __init__(self, city: City, *, seed: int) -> None:
        self.seed = seed
        self.outfalls = city.outfalls
        self.flow = np.array([_mean_flow(o) for o in city.outfalls])
        self.means = self._true_means(city)
        cycles = [_cycle(o) for o in city.outfalls]
        days = {name: np.array(shape) / np.mean(shape) for name, (shape, _) in _DAYS.items()}
        self._day = np.column_stack([days[c] for c in cycles]) if cycles else np.ones((24, 0))
        self._weekend = np.array([_DAYS[c][1] for c in cycles])
        self._storm = np.array([c == "rain" for c in cycles])

    def _true_means(self, city: City) -> NDArray[np.float64]:
        """Tell the truth behind the samples: near the outfall's own history where it has one."""
        told = {(p.outfall_id, p.factor): p for p in city.profiles}
        means = np.empty((len(city.outfalls), len(CARRIED)))
        for i, outfall in enumerate(city.outfalls):
            trade = trades().get(outfall.trade)
            usual = (
                tuple(trade.effluent.values())
                if trade
                else _BY_CLASS.get(outfall.outfall_class, _OTHER)
            )
            for j, factor in enumerate(CARRIED):
                chance = float(normal_at(self.seed, 71, i, j))
                profile = told.get((outfall.outfall_id, factor))
                if factor == "w01003":
                    means[i, j] = _TURBIDITY * np.exp(0.3 * chance)
                elif profile:
                    error = min(profile.ln_sd / profile.n**0.5, 0.15)
                    means[i, j] = np.exp(profile.ln_mean + profile.ln_sd**2 / 2 + error * chance)
                else:
                    means[i, j] = usual[j] * np.exp(0.25 * chance)
        return means

    def hours(
        self, first_hour: int, count: int, runoff: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return flow (hours, outfalls) m³/s and concentration (hours, outfalls, carried)."""
        n = len(self.outfalls)
        hour = first_hour + np.arange(count) + _BEIJING_H
        weekend = ((hour // 24 + 3) % 7 >= 5)[:, None]  # 1970-01-01 was a Thursday
        chance = hourly_noise(self.seed, 73, first_hour, count, 2 * n)
        flow = self.flow * self._day[hour % 24] * np.where(weekend, self._weekend, 1.0)
        flow = flow * np.exp(0.12 * chance[:, :n] - 0.0072)
        wet = runoff[:, None]
        flow = np.where(self._storm, flow * (0.15 + 2.5 * wet), flow * (1 + 0.02 * wet))
        spread = np.exp(0.16 * chance[:, n:] - 0.0128)[:, :, None]
        mixed = hourly_noise(self.seed, 79, first_hour, count, len(CARRIED))[:, None, :]
        conc = self.means * spread * np.exp(0.05 * mixed)
        return flow, conc


def _cycle(outfall: Outfall) -> str:
    if "雨洪" in outfall.outfall_class:
        return "rain"
    trade = trades().get(outfall.trade)
    return trade.cycle if trade else "municipal"
