"""The world as its instruments tell it (虚拟世界): noise, gaps, stuck values, monitors that lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qingyuan.cities import City, Device
from qingyuan.synth.air import AIR_FACTORS, air_hours
from qingyuan.synth.chance import normal_at, uniform_at
from qingyuan.synth.effluent import CARRIED
from qingyuan.synth.nature import Nature
from qingyuan.synth.releases import Release
from qingyuan.synth.tampering import Drift, Tampering

__all__ = ["World"]

_HOUR = 3600
_DAY = 86400
_BEIJING_S = 8 * _HOUR
_MARGIN_S = 6 * _HOUR
_KINDS = {"section": 1, "outfall": 2, "air": 3}
# relative scatter of one reading; a few factors scatter by an amount instead
_SCATTER = {"w01003": 0.05, "w01014": 0.004, "w00000": 0.01, "w01018": 0.025}
_USUAL_SCATTER = 0.012
_SCATTER_BY = {"w01010": 0.05, "w01001": 0.015, "a01001": 0.1, "a01002": 0.5, "a01008": 3.0}
_GAP_CHANCE = 0.025  # of a day: one to six hours without data
_STUCK_CHANCE = 0.012  # of a day: one factor repeats itself for two to four hours


@lru_cache(maxsize=8)
def _air(seed: int, first_hour: int, hours: int, stations: int) -> NDArray[np.float64]:
    return air_hours(seed, first_hour, hours, stations)


def _key(kind: str, number: int) -> int:
    return _KINDS[kind] * 10_000 + number


class World(Nature):
    """A seeded world that can be read as its stations would send it.

    Parameters
    ----------
    tampering, drifts : sequence
        Monitors that do not say what they measure, and analysers that drift; none unless given.
        The others are those of `Nature`.
    """

    def __init__(
        self,
        city: City,
        *,
        seed: int,
        start: datetime,
        releases: Sequence[Release] = (),
        tampering: Sequence[Tampering] = (),
        drifts: Sequence[Drift] = (),
    ) -> None:
        self.tampering, self.drifts = tuple(tampering), tuple(drifts)
        super().__init__(city, seed=seed, start=start, releases=releases)

    def truth(self) -> list[dict[str, object]]:
        """Return what nobody else knows: releases, tampering and drifts."""
        return [*super().truth(), *(t.as_truth() for t in (*self.tampering, *self.drifts))]

    def _number(self, kind: str, code: str) -> int:
        city: City = self.city
        rows = {
            "section": [s.section_id for s in city.sections],
            "outfall": [o.outfall_id for o in city.outfalls],
            "air": [a.station_id for a in city.air_stations],
        }[kind]
        return rows.index(code)

    def read(self, device: Device, at: datetime) -> dict[str, float]:
        """Return what *device* measures at *at* by factor; empty when it is silent."""
        values = self.read_many(device, np.array([int(at.timestamp())]))[0]
        return {f: float(v) for f, v in zip(device.factors, values, strict=True) if not np.isnan(v)}

    def read_many(self, device: Device, seconds: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return readings (times, factors of the device); NaN where nothing is measured.

        The world must have been advanced to the last of *seconds* (seconds since 1970).
        """
        kind, _, code = device.station.partition(":")
        number = self._number(kind, code)
        factors = tuple(device.factors)

        def honest(at: NDArray[np.int64]) -> NDArray[np.float64]:
            values = self._scattered(kind, number, factors, at)
            return self._with_faults(kind, number, factors, at, values)

        return self._as_told(device.station, factors, seconds, honest(seconds), honest)

    def calibrating(self, device: Device, factor: str, at: datetime) -> bool:
        """Whether an analyser is being calibrated, so that its reading is sent under C."""
        seconds = np.array([int(at.timestamp())])
        return any(
            bool(d.calibrating(seconds)[0])
            for d in self.drifts
            if (d.station, d.factor) == (device.station, factor)
        )

    def hourly(self, device: Device, first_hour: int, hours: int) -> NDArray[np.float64]:
        """Return hourly means (hours, factors of the device) over whole hours since 1970."""
        kind, _, code = device.station.partition(":")
        number = self._number(kind, code)
        factors = tuple(device.factors)
        middle = (first_hour + np.arange(hours)) * _HOUR + _HOUR // 2
        if kind == "section":
            carried = self.section_hours(first_hour, hours)[:, number]
            means = self._derived(carried, middle, factors)
            values = self._scatter(kind, number, factors, middle, means, scale=0.3)
        else:
            values = self._scattered(kind, number, factors, middle, scale=0.3)
        values = self._with_faults(kind, number, factors, middle, values)

        def honest(at: NDArray[np.int64]) -> NDArray[np.float64]:
            again = self._scattered(kind, number, factors, at, scale=0.3)
            return self._with_faults(kind, number, factors, at, again)

        return self._as_told(device.station, factors, middle, values, honest)

    def _as_told(
        self,
        station: str,
        factors: tuple[str, ...],
        seconds: NDArray[np.int64],
        values: NDArray[np.float64],
        honest: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Change what is measured into what is said, where somebody or something does."""
        for drift in self.drifts:
            if drift.station == station and drift.factor in factors:
                values[:, factors.index(drift.factor)] *= drift.factor_at(seconds)
        for one in self.tampering:
            on = one.covers(seconds) if one.station == station and one.factor in factors else None
            if on is not None and on.any():
                k = factors.index(one.factor)
                values[on, k] = one.tell(
                    lambda at, k=k: honest(at)[:, k], seconds[on], seed=self.seed
                )
        return values

    # -- what is true --------------------------------------------------------------------------

    def _true_section(
        self, number: int, seconds: NDArray[np.int64], factors: tuple[str, ...]
    ) -> NDArray[np.float64]:
        return self._derived(self.section_truth(number, seconds)[0], seconds, factors)

    def _derived(
        self, carried: NDArray[np.float64], seconds: NDArray[np.int64], factors: tuple[str, ...]
    ) -> NDArray[np.float64]:
        """Add what follows from the rest: warmth, oxygen, pH."""
        told = {code: carried[:, k] for k, code in enumerate(CARRIED)}
        warm = self.weather_at(seconds)
        local = (seconds + _BEIJING_S) % _DAY / _HOUR
        light = np.sin(2 * np.pi * (local - 9) / 24)
        full = (
            14.6 - 0.394 * warm + 0.0077 * warm**2 - 0.0000646 * warm**3
        )  # fresh water, sea level
        burden = 0.16 * told["w01019"] + 0.55 * told["w21003"]
        told["w01010"] = warm
        told["w01009"] = np.clip(full * (0.98 + 0.07 * light) - burden, 0.3, None)
        told["w01001"] = 7.75 + 0.14 * light - 0.05 * np.minimum(told["w21003"], 4)
        return np.column_stack([told[code] for code in factors])

    def _true_outfall(
        self, number: int, seconds: NDArray[np.int64], factors: tuple[str, ...]
    ) -> NDArray[np.float64]:
        """Tell what the discharger's own monitor stands in, its tricks included."""
        flow, conc = self.outfall_truth(number, seconds)
        told = self._told(flow, conc, factors)
        outfall = self.city.outfalls[number].outfall_id
        for release in self.releases:
            if release.outfall_id != outfall or release.monitor == "honest":
                continue
            start, end = release.start.timestamp(), release.end.timestamp()
            on = (seconds >= start) & (seconds < end)
            before = np.full(1, int(start) - 600)
            quiet = self._told(*self.outfall_truth(number, before), factors)
            if release.monitor == "silent":
                told[on] = np.nan
            elif release.monitor == "flat":
                told[on] = quiet
            else:
                told[on] = np.minimum(told[on], 0.85 * quiet)
        return told

    def _told(
        self, flow: NDArray[np.float64], conc: NDArray[np.float64], factors: tuple[str, ...]
    ) -> NDArray[np.float64]:
        columns = {code: conc[:, k] for k, code in enumerate(CARRIED)} | {"w00000": flow * 1000}
        return np.column_stack([columns[code] for code in factors])

    def _true_air(
        self, number: int, seconds: NDArray[np.int64], factors: tuple[str, ...]
    ) -> NDArray[np.float64]:
        hours = seconds // _HOUR
        first = int(hours.min())
        rows = _air(self.seed, first, int(hours.max()) - first + 2, len(self.city.air_stations))
        rows = rows[:, number]
        share = ((seconds % _HOUR) / _HOUR)[:, None]
        i = hours - first
        values = rows[i] * (1 - share) + rows[i + 1] * share
        return values[:, [AIR_FACTORS.index(code) for code in factors]]

    # -- what is measured ----------------------------------------------------------------------

    def _scattered(
        self,
        kind: str,
        number: int,
        factors: tuple[str, ...],
        seconds: NDArray[np.int64],
        *,
        scale: float = 1.0,
    ) -> NDArray[np.float64]:
        values = getattr(self, f"_true_{kind}")(number, seconds, factors)
        return self._scatter(kind, number, factors, seconds, values, scale=scale)

    def _scatter(
        self,
        kind: str,
        number: int,
        factors: tuple[str, ...],
        seconds: NDArray[np.int64],
        values: NDArray[np.float64],
        *,
        scale: float,
    ) -> NDArray[np.float64]:
        key = _key(kind, number)
        size = np.where(self._lying(kind, number, seconds), 0.0, scale)
        out = np.empty_like(values)
        for k, code in enumerate(factors):
            chance = size * normal_at(self.seed, key, k, seconds)
            if code in _SCATTER_BY:
                out[:, k] = values[:, k] + _SCATTER_BY[code] * chance
                if code == "a01002":
                    out[:, k] = np.clip(out[:, k], 0, 100)
                elif code == "a01008":
                    out[:, k] %= 360
            else:
                out[:, k] = values[:, k] * (1 + _SCATTER.get(code, _USUAL_SCATTER) * chance)
        return out

    def _with_faults(
        self,
        kind: str,
        number: int,
        factors: tuple[str, ...],
        seconds: NDArray[np.int64],
        values: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Repeat the value an analyser is stuck at, and blank what a silent station withholds."""
        key = _key(kind, number)
        held = self._held_time(kind, key, seconds, len(factors))
        for k in range(len(factors)):
            stuck = held[:, k] != seconds
            if stuck.any():
                starts, at = np.unique(held[stuck, k], return_inverse=True)
                values[stuck, k] = self._scattered(kind, number, factors, starts)[at, k]
        values[self._silent(kind, key, seconds)] = np.nan
        return values

    def _spared(self, kind: str, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether a section is free of chance faults: around a release its data must tell it."""
        free = np.zeros(len(seconds), bool)
        if kind == "section":
            for release in self.releases:
                free |= (seconds > release.start.timestamp() - _MARGIN_S) & (
                    seconds < release.end.timestamp() + _MARGIN_S
                )
        return free

    def _silent(self, kind: str, key: int, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
        day, within = seconds // _DAY, seconds % _DAY
        start = uniform_at(self.seed, 5, key, day) * 18 * _HOUR
        length = (1 + 5 * uniform_at(self.seed, 6, key, day)) * _HOUR
        gap = (
            (uniform_at(self.seed, 4, key, day) < _GAP_CHANCE)
            & (within >= start)
            & (within < start + length)
        )
        return gap & ~self._spared(kind, seconds)

    def _held_time(
        self, kind: str, key: int, seconds: NDArray[np.int64], factors: int
    ) -> NDArray[np.int64]:
        """Find the instant each reading stems from: its own, unless the analyser is stuck."""
        held = np.repeat(seconds[:, None], factors, axis=1)
        day, within = seconds // _DAY, seconds % _DAY
        which = (uniform_at(self.seed, 8, key, day) * factors).astype(int)
        start = (uniform_at(self.seed, 9, key, day) * 19 * _HOUR).astype(int)
        length = (2 + 2 * uniform_at(self.seed, 10, key, day)) * _HOUR
        stuck = (
            (uniform_at(self.seed, 7, key, day) < _STUCK_CHANCE)
            & (within >= start)
            & (within < start + length)
            & ~self._spared(kind, seconds)
        )
        at = np.flatnonzero(stuck)
        held[at, which[at]] = (day * _DAY + start)[at]
        return held

    def _lying(self, kind: str, number: int, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether an outfall's monitor repeats a value: a repeated value has no scatter."""
        lying = np.zeros(len(seconds), bool)
        if kind == "outfall":
            outfall = self.city.outfalls[number].outfall_id
            for release in self.releases:
                if release.outfall_id == outfall and release.monitor == "flat":
                    lying |= (seconds >= release.start.timestamp()) & (
                        seconds < release.end.timestamp()
                    )
        return lying
