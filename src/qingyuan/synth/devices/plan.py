"""Plans (方案): how many stations, how fast, how they misbehave; and who a gateway must know."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from qingyuan.hj212 import DEVIATIONS as CODES
from qingyuan.hj212 import annex_b
from qingyuan.synth.devices.content import kind_of
from qingyuan.synth.devices.deviate import MANNERS

__all__ = ["DIALECTS", "Plan", "device_rows", "mn_of"]

DIALECTS = ("2005", "2017", "2025", "surface-water")
_CRC = {"crc.modbus": "modbus", "crc.modbus_swapped": "modbus-swapped"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played (方案).

    Parameters
    ----------
    dialects : tuple of str
        Stations take them in turn.
    count : int
        Number of stations.
    rate : float
        Live packets a second, all stations together; 0 for none.
    seconds : float
        How long live packets are made; 0 means until stopped.
    factors : int
        Factors per packet.
    deviations : tuple of str
        Names in `deviate.DEVIATIONS`. A deviating station takes those of a packet in turn, packet
        by packet, and has one of the manners for good.
    share : float
        Share of the stations that deviate.
    loss : float
        Share of packets, and of answers, that get lost on the way.
    storm_s : float
        Every so many seconds all links break at once; 0 for never.
    backfill_hours : float
        History each station owes when it begins: 10-minute and hourly data.
    answer : bool
        Whether packets ask for 9014.
    overtime_s, recount : float, int
        Wait for an answer and re-sends before the link counts as lost (HJ 212-2017 1000).
    window : int
        Packets under way per station; 1 is what the standard prints (附录C.48).
    key : str
        SM4 key, 32 hexadecimal digits, for stations of 2025; empty for plain text.
    """

    dialects: tuple[str, ...] = ("2017",)
    count: int = 10
    rate: float = 10.0
    seconds: float = 60.0
    factors: int = 20
    deviations: tuple[str, ...] = ()
    share: float = 1.0
    loss: float = 0.0
    storm_s: float = 0.0
    backfill_hours: float = 0.0
    answer: bool = True
    overtime_s: float = 5.0
    recount: int = 3
    window: int = 1
    key: str = ""
    seed: int = 1
    password: str = "123456"

    def dialect(self, station: int) -> str:
        """Return the dialect of one station."""
        return self.dialects[station % len(self.dialects)]

    def deviates(self, station: int) -> bool:
        """Whether this station is one of those that deviate: they are spread evenly."""
        return bool(self.deviations) and (station * self.share) % 1 + self.share >= 1

    def manner(self, station: int) -> str:
        """Return what this station does for good, of the deviations that are manners; or nothing."""
        names = self.deviations if self.deviates(station) else ()
        manners = [name for name in names if name in MANNERS]
        return manners[int(station * self.share) % len(manners)] if manners else ""


def mn_of(dialect: str, station: int, *, seed: int) -> str:
    """Return the device id of a station, shaped as its dialect wants it."""
    if dialect == "2005":
        return f"88{seed % 1000:03d}{station:09d}"
    if dialect == "surface-water":
        return f"{chr(65 + station // 10_000 % 26)}{seed % 1_000_000:06d}_{station % 10_000:04d}"
    return f"5153{seed % 65_536:04X}{dialect}{station:012X}"


def device_rows(plan: Plan) -> Iterator[dict[str, object]]:
    """Return the rows of ``devices.json`` with which a gateway accepts these stations."""
    repairs = sorted(code for code in plan.deviations if _repairs(code))
    crc = ["standard", *(_CRC[code] for code in repairs if code in _CRC)]
    each = plan.rate / max(1, plan.count)
    for station in range(plan.count):
        dialect = plan.dialect(station)
        kind = kind_of(dialect, factors=plan.factors)
        units = {code: annex_b()[code]["unit"] for code in kind.factors if code in annex_b()}
        row: dict[str, object] = {
            "mn": mn_of(dialect, station, seed=plan.seed),
            "station": f"outfall:SIM{station:05d}",
            "st": kind.st,
            "password": plan.password,
            "dialect": dialect,
            "crc": crc,
            "repairs": repairs,
            "answer": "always" if plan.manner(station) == "answer.insists" else "flag",
            "label": "start",
            "encoding": "auto",
            "factors": {code: {"unit": unit} for code, unit in units.items()},
            "interval_s": max(1, round(1 / each)) if each else 3600,
            "interval_minutes": 10,
            "overtime_s": plan.overtime_s,
            "recount": plan.recount,
            "max_per_s": max(1000, math.ceil(2 * each)),
            "active": True,
        }
        if plan.key and dialect == "2025":
            row["sm4"] = {"key": plan.key}
        yield row


def _repairs(name: str) -> bool:
    return name in CODES and CODES[name].severity == "repair"
