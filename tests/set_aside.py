"""One packet in quarantine, from a logger nobody registered, for tests of whoever may look there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from qingyuan.store.quarantine import Quarantine

__all__ = ["STRANGER", "set_one_aside"]

STRANGER = "B3799"
_PACKET = (
    "##0101QN=20160801085857223;ST=32;CN=1062;PW=探针device;MN=B3799;Flag=5;"
    "CP=&&RtdInterval=30&&1C81\r\n"
).encode()


def set_one_aside(store: Path, *, at: datetime) -> None:
    """Set a packet aside at segment 3, byte 4096 of the journal; its password is a mark."""
    Quarantine(store).append(
        [
            {
                "received_at": at, "reason": "gateway.unknown_device", "mn": STRANGER,
                "raw": _PACKET, "peer": "10.0.0.9:5000", "segment": 3, "offset": 4096,
            }
        ]
    )  # fmt: skip
