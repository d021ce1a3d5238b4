"""What a station says (上传报文): readings as HJ 212-2017 frames."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np

from qingyuan.cities import Device
from qingyuan.core.factors import factor
from qingyuan.core.periods import in_city
from qingyuan.hj212 import upload
from qingyuan.synth.world import World

__all__ = ["hour_packet", "realtime_packet", "text_of"]

_HOUR = 3600
_SAMPLES = 12  # readings an hourly row is made of
# the last three digits of QN tell the kind, so that a packet made again has the QN it had
_QN_TAIL = {"2011": "011", "2061": "061"}


def text_of(code: str, value: float) -> str:
    """Write *value* as a logger does: plain decimals, one digit more than is shown."""
    return f"{value:.{factor(code).decimals + 1}f}"


def _frame(
    device: Device, cn: str, at: datetime, values: dict[str, dict[str, str]], *, wants_answer: bool
) -> bytes:
    return upload(
        cn=cn,
        mn=device.mn,
        st=device.st,
        pw=device.password,
        qn=f"{in_city(at):%Y%m%d%H%M%S}{_QN_TAIL[cn]}",
        data_time=at,
        values=values,
        flag=5 if wants_answer else 4,
    )


def _flag(world: World, device: Device, code: str, at: datetime) -> str:
    return "C" if world.calibrating(device, code, at) else "N"


def realtime_packet(
    world: World, device: Device, at: datetime, *, wants_answer: bool = True
) -> bytes | None:
    """Return the 2011 packet of *device* for the instant *at*; None while it is silent."""
    read = world.read(device, at)
    if not read:
        return None
    values = {
        code: {"Rtd": text_of(code, value), "Flag": _flag(world, device, code, at)}
        for code, value in read.items()
    }
    return _frame(device, "2011", at, values, wants_answer=wants_answer)


def hour_packet(
    world: World, device: Device, start: datetime, *, wants_answer: bool = True
) -> bytes | None:
    """Return the 2061 packet of the hour that begins at *start* (HJ 212-2017 附录C)."""
    first = int(start.timestamp())
    rows = world.read_many(device, first + np.arange(_SAMPLES, dtype=np.int64) * _HOUR // _SAMPLES)
    values: dict[str, dict[str, str]] = {}
    for k, code in enumerate(device.factors):
        known = rows[:, k][~np.isnan(rows[:, k])]
        if len(known) < math.ceil(0.75 * _SAMPLES):
            continue
        figures = {"Min": known.min(), "Avg": known.mean(), "Max": known.max()}
        row = {name: text_of(code, float(value)) for name, value in figures.items()}
        if code == "w00000":  # cumulative flow in m³ (表C); the mean is L/s
            row["Cou"] = text_of(code, float(known.mean()) * _HOUR / 1000)
        values[code] = row | {"Flag": _flag(world, device, code, start)}
    if not values:
        return None
    return _frame(device, "2061", start, values, wants_answer=wants_answer)
