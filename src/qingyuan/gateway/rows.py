"""Rows (入库行): journal records as observations and quarantine rows (architecture.md §4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from qingyuan.gateway.judge import Judgement
from qingyuan.hj212 import upload_command
from qingyuan.store.journal import Record

__all__ = ["observation_rows", "quarantine_row"]

Row = dict[str, object]
_NOT_VALUES = frozenset({"Flag", "EFlag", "SampleTime", "CompleteTime", "SampleType"})
_LENGTHS = {
    "2061": timedelta(hours=1),
    "2031": timedelta(days=1),
    "2041": timedelta(days=1),
    "2111": timedelta(minutes=5),
}


def observation_rows(record: Record, judgement: Judgement, *, received_at: datetime) -> list[Row]:
    """Return one row per value of an accepted upload; none for packets that hold no data."""
    packet, device = judgement.packet, judgement.device
    command = upload_command(packet.cn)
    time = packet.data_time
    if device is None or command is None or not command.stored or time is None:
        return []
    if command.label == "start" and device.label == "end":
        time -= _LENGTHS.get(packet.cn, timedelta(minutes=device.interval_minutes))
    shared: Mapping[str, object] = {
        "station": device.station,
        "cn": packet.cn,
        "time": time,
        "mn": packet.mn,
        "qn": packet.qn,
        "received_at": received_at,
        "segment": record.position.segment,
        "offset": record.position.offset,
        "changed": False,
    }
    return [
        {
            **shared,
            "factor": code,
            "suffix": suffix,
            "text": text,
            "flag": values.get("Flag", ""),
            "unit": device.units.get(code, ""),
        }
        for code, values in packet.readings
        for suffix, text in values.items()
        if suffix not in _NOT_VALUES
    ]


def quarantine_row(record: Record, judgement: Judgement, *, received_at: datetime) -> Row:
    """Return the row that keeps what was not believed, with its bytes and the reason."""
    return {
        "received_at": received_at,
        "peer": str(record.header.get("peer", "")),
        "mn": judgement.packet.mn,
        "reason": judgement.reason,
        "detail": judgement.detail,
        "verdict": str(judgement.packet.verdict),
        "raw": record.raw,
        "segment": record.position.segment,
        "offset": record.position.offset,
    }
