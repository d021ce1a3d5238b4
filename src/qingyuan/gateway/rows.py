"""Rows (入库行): journal records as observations, quarantine rows and dialogue rows (architecture.md §4).

Observations are gathered column by column: of a packet once, of its values each, and put side by
side only at the end, by Arrow. At 40,000 values a second a dictionary for each would cost a core.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from qingyuan.gateway.devices import Device
from qingyuan.gateway.judge import Judgement
from qingyuan.hj212 import Packet, upload_command
from qingyuan.store.journal import Position

__all__ = ["Observed", "dialogue_row", "folded_row", "quarantine_row"]

Row = dict[str, object]
_NOT_VALUES = frozenset({"Flag", "EFlag", "SampleTime", "CompleteTime", "SampleType"})
_LENGTHS = {
    "2061": timedelta(hours=1),
    "2031": timedelta(days=1),
    "2041": timedelta(days=1),
    "2111": timedelta(minutes=5),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_INSTANT = pa.timestamp("us", "UTC")


class Observed:
    """Observations that are being gathered for one commit (待入库观测)."""

    def __init__(self) -> None:
        self._shared: tuple[list[str], ...] = ([], [], [], [])  # station, cn, mn, qn
        self._times: list[int] = []
        self._received: list[int] = []
        self._segments: list[int] = []
        self._offsets: list[int] = []
        self._counts: list[int] = []
        self._values: tuple[list[str], ...] = ([], [], [], [], [])
        self.count = 0

    def add(
        self, packet: Packet, device: Device, *, received_at: datetime, position: Position
    ) -> int:
        """Add the values of an accepted upload; return how many (none for packets without data)."""
        command = upload_command(packet.cn)
        time = packet.data_time
        if command is None or not command.stored or time is None:
            return 0
        if command.label == "start" and device.label == "end":
            time -= _LENGTHS.get(packet.cn, timedelta(minutes=device.interval_minutes))
        factors, suffixes, texts, flags, units = self._values
        before = len(factors)
        known = device.units
        for code, values in packet.readings:
            flag = values.get("Flag", "")
            unit = known.get(code, "")
            for suffix, text in values.items():
                if suffix not in _NOT_VALUES:
                    factors.append(code)
                    suffixes.append(suffix)
                    texts.append(text)
                    flags.append(flag)
                    units.append(unit)
        added = len(factors) - before
        if added:
            stations, cns, mns, qns = self._shared
            stations.append(device.station)
            cns.append(packet.cn)
            mns.append(packet.mn)
            qns.append(packet.qn)
            self._times.append((time - _EPOCH) // _US)
            self._received.append((received_at - _EPOCH) // _US)
            self._segments.append(position.segment)
            self._offsets.append(position.offset)
            self._counts.append(added)
            self.count += added
        return added

    def table(self) -> pa.Table:
        """Return the rows as `qingyuan.store.columns.as_table` takes them."""
        each = np.repeat(np.arange(len(self._counts)), self._counts)
        at = pa.array(each)

        def _instants(values: list[int]) -> pa.Array:
            return pa.array(np.array(values, dtype=np.int64)[each]).view(_INSTANT)

        columns = {
            name: pa.array(values, pa.string()).take(at)
            for name, values in zip(("station", "cn", "mn", "qn"), self._shared, strict=True)
        }
        columns |= {
            name: pa.array(values, pa.string())
            for name, values in zip(
                ("factor", "suffix", "text", "flag", "unit"), self._values, strict=True
            )
        }
        columns["time"] = _instants(self._times)
        columns["received_at"] = _instants(self._received)
        columns["segment"] = pa.array(np.array(self._segments, dtype=np.int64)[each])
        columns["offset"] = pa.array(np.array(self._offsets, dtype=np.int64)[each])
        return pa.table(columns)


def quarantine_row(
    judgement: Judgement, raw: bytes, *, received_at: datetime, peer: str, position: Position
) -> Row:
    """Return the row that keeps what was not believed, with its bytes and the reason."""
    return {
        "received_at": received_at,
        "peer": peer,
        "mn": judgement.packet.mn,
        "reason": judgement.reason,
        "detail": judgement.detail,
        "verdict": str(judgement.packet.verdict),
        "raw": raw,
        "segment": position.segment,
        "offset": position.offset,
    }


def folded_row(
    folded: Mapping[str, object], *, received_at: datetime, peer: str, position: Position
) -> Row:
    """Return the row that tells how many more packets of a flood were not kept."""
    return {
        "received_at": received_at,
        "peer": peer,
        "mn": folded["mn"],
        "reason": folded["reason"],
        "detail": f"+{folded['count']}",
        "verdict": "rejected",
        "count": folded["count"],
        "segment": position.segment,
        "offset": position.offset,
    }


def dialogue_row(
    said: Mapping[str, object], raw: bytes, *, received_at: datetime, position: Position
) -> Row:
    """Return the row of one step of a dialogue."""
    return {
        "received_at": received_at,
        **{name: said.get(name) for name in ("mn", "command", "purpose", "cn", "qn")},
        **{name: said.get(name, "") for name in ("direction", "event", "result")},
        "raw": raw,
        "segment": position.segment,
        "offset": position.offset,
    }
