"""Nature (自然与排放): land, weather, discharges, hidden releases and the water that carries them.

It moves in steps of five minutes on a grid that begins in 1970, and every draw is keyed by absolute
time; a world started three days ago and one started last season agree about now once the water of
the start has run out. It knows the truth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from qingyuan.cities import City
from qingyuan.synth.effluent import CARRIED, Discharge
from qingyuan.synth.releases import Release
from qingyuan.synth.water import Water
from qingyuan.synth.weather import runoff, water_temperature

__all__ = ["STEP_S", "Nature"]

STEP_S = 300
SPIN_UP = timedelta(hours=72)
_HOUR = 3600
_PER_HOUR = _HOUR // STEP_S
_BLOCK_H = 48

# what seeps in along the banks in dry weather and what rain washes in, by CARRIED
_SEEP = np.array([7.5, 0.10, 0.03, 2.0, 1.0, 0.32, 430.0, 7.0])
_WASH = np.array([26.0, 0.45, 0.16, 6.0, 2.8, 0.25, 190.0, 160.0])
# loss per day at 20 ℃, and growth of the rate per ℃
_LOSS_PER_DAY = np.array([0.10, 0.22, 0.10, 0.07, 0.05, 0.0, 0.0, 0.9])
_LOSS_GROWTH = 1.05


class Nature:
    """What truly happens in one city, instruments aside.

    Parameters
    ----------
    city : City
        Rivers, outfalls and stations.
    seed : int
        The same seed gives the same world.
    start : datetime
        First instant that may be read; the water is brought to life three days earlier.
    releases : sequence of Release
        What is let go secretly, and when.
    """

    def __init__(
        self, city: City, *, seed: int, start: datetime, releases: Sequence[Release] = ()
    ) -> None:
        self.city = city
        self.seed = seed
        self.releases = tuple(releases)
        self.discharge = Discharge(city, seed=seed)
        self._water = Water(city, substances=len(CARRIED))
        self._outfall_cells = np.array(
            [self._water.cell_of(o.reach_id, o.position_m) for o in city.outfalls], int
        )
        self._section_cells = np.array(
            [self._water.cell_of(s.reach_id, s.position_m) for s in city.sections], int
        )
        self._lateral = self._dry_lateral()
        self._water.fill(_SEEP)
        self._step = math.floor((start - SPIN_UP).timestamp() / STEP_S)
        self.first_step = self._step
        self._sections: list[NDArray[np.float32]] = []
        self._flows: list[NDArray[np.float32]] = []
        self._look()
        self._blocks: dict[int, tuple[NDArray[np.float64], ...]] = {}
        self._hidden = [
            (
                next(i for i, o in enumerate(city.outfalls) if o.outfall_id == r.outfall_id),
                r.start.timestamp(),
                r.end.timestamp(),
                r.flow_m3_s,
                np.array([r.concentration.get(f, 0.0) for f in CARRIED]),
            )
            for r in self.releases
        ]
        self.advance(start)

    @property
    def now(self) -> datetime:
        """The instant up to which the world has moved."""
        return datetime.fromtimestamp(self._step * STEP_S, tz=UTC)

    def advance(self, to: datetime) -> None:
        """Move the world so that *to* can be read; going back does nothing."""
        last = math.ceil(to.timestamp() / STEP_S)
        while self._step < last:
            self._move()

    def truth(self) -> list[dict[str, object]]:
        """Return what nobody else knows: the releases, as rows of ``truth.toml``."""
        return [release.as_truth() for release in self.releases]

    # -- moving ---------------------------------------------------------------------------------

    def _dry_lateral(self) -> NDArray[np.float64]:
        """Dry-weather inflow of every cell: what the reaches gain beyond their outfalls."""
        gained = {r.reach_id: r.flow_m3_s for r in self.city.reaches}
        fed = set()
        for reach in self.city.reaches:
            if reach.to_reach_id:
                gained[reach.to_reach_id] -= reach.flow_m3_s
                fed.add(reach.to_reach_id)
        for outfall, flow in zip(self.city.outfalls, self.discharge.flow, strict=True):
            gained[outfall.reach_id] -= flow
        out = np.zeros(self._water.cells)
        for reach_id, flow in gained.items():
            cells = self._water.cells_of(reach_id)
            if reach_id in fed:
                out[cells] = max(flow, 0.0) / (cells.stop - cells.start)
            else:
                out[cells.start] = max(flow, 0.01)
        return out

    def _block(self, hour: int) -> tuple[NDArray[np.float64], ...]:
        """Weather and ordinary discharge around *hour*, made two days at a time."""
        number = hour // _BLOCK_H
        if number not in self._blocks:
            first = number * _BLOCK_H
            wet = runoff(self.seed, first, _BLOCK_H)
            flow, conc = self.discharge.hours(first, _BLOCK_H, wet)
            warm = water_temperature(self.seed, first, _BLOCK_H)
            self._blocks[number] = (wet, warm, flow, conc)
        return self._blocks[number]

    def _move(self) -> None:
        at = self._step * STEP_S
        hour = at // _HOUR
        if at % _HOUR == 0 or self._step == self.first_step:
            self._set_hour(hour)
        inflow, load = self._inflow, self._load
        active = [h for h in self._hidden if h[1] < at + STEP_S and h[2] > at]
        if active:
            inflow, load = inflow.copy(), load.copy()
            for outfall, start, end, flow, conc in active:
                share = (min(end, at + STEP_S) - max(start, at)) / STEP_S
                cell = self._outfall_cells[outfall]
                inflow[cell] += flow * share
                load[cell] += flow * share * conc
        self._water.step(STEP_S, inflow=inflow, load=load, loss_per_s=self._loss)
        self._step += 1
        self._look()

    def _set_hour(self, hour: int) -> None:
        wet, warm, flow, conc = (part[hour % _BLOCK_H] for part in self._block(hour))
        more = self._lateral * wet
        self._inflow = self._lateral + more
        self._load = self._lateral[:, None] * _SEEP + more[:, None] * _WASH
        np.add.at(self._inflow, self._outfall_cells, flow)
        np.add.at(self._load, self._outfall_cells, flow[:, None] * conc)
        self._loss = _LOSS_PER_DAY / 86400 * _LOSS_GROWTH ** (warm - 20)

    def _look(self) -> None:
        conc, flow = self._water.seen(self._section_cells)
        self._sections.append(conc.astype(np.float32))
        self._flows.append(flow.astype(np.float32))

    def section_hours(self, first_hour: int, hours: int) -> NDArray[np.float64]:
        """Return hourly means (hours, sections, carried) of what the world has moved through."""
        first = first_hour * _PER_HOUR - self.first_step
        rows = np.stack(self._sections[first : first + hours * _PER_HOUR])
        return rows.reshape(hours, _PER_HOUR, *rows.shape[1:]).mean(axis=1, dtype=float)

    # -- the truth at stations -------------------------------------------------------------------

    def section_truth(
        self, section: int, seconds: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return carried concentrations (times, carried) and flow at section number *section*."""
        place = seconds / STEP_S - self.first_step
        low = np.clip(place.astype(int), 0, len(self._sections) - 2)
        share = np.clip(place - low, 0.0, 1.0)
        first, last = int(low.min()), int(low.max()) + 2
        conc = np.stack([row[section] for row in self._sections[first:last]]).astype(float)
        flow = np.array([row[section] for row in self._flows[first:last]], float)
        i = low - first
        return (
            conc[i] * (1 - share)[:, None] + conc[i + 1] * share[:, None],
            flow[i] * (1 - share) + flow[i + 1] * share,
        )

    def outfall_truth(
        self, outfall: int, seconds: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return flow m³/s and concentrations (times, carried) of what truly leaves an outfall."""
        hours = seconds // _HOUR
        flow = np.empty(len(seconds))
        conc = np.empty((len(seconds), len(CARRIED)))
        blocks = hours // _BLOCK_H
        for block in np.unique(blocks):
            here = blocks == block
            _, _, flows, concs = self._block(int(block) * _BLOCK_H)
            flow[here] = flows[hours[here] % _BLOCK_H, outfall]
            conc[here] = concs[hours[here] % _BLOCK_H, outfall]
        for number, start, end, more, strength in self._hidden:
            if number != outfall:
                continue
            on = (seconds >= start) & (seconds < end)
            mixed = (flow[on, None] * conc[on] + more * strength) / (flow[on, None] + more)
            conc[on] = mixed
            flow[on] += more
        return flow, conc

    def weather_at(self, seconds: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the temperature of river water (℃) at each time."""
        hours = seconds // _HOUR
        first = int(hours.min())
        warm = water_temperature(self.seed, first, int(hours.max()) - first + 2)
        share = (seconds % _HOUR) / _HOUR
        i = hours - first
        return warm[i] * (1 - share) + warm[i + 1] * share
