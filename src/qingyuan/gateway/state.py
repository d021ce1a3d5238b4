"""State (运行状态): what the gateway tells about itself, in files that anybody may read.

``store/connections.json`` is rewritten every two seconds (ten with very many connections); a second gateway on the same folder
writes ``connections-1.json`` and so on.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qingyuan.gateway.session import Session
from qingyuan.host.folder import write_atomically
from qingyuan.store.journal import Position, segments, slot_folder, slots

__all__ = ["Published", "publish", "read_seen", "seen_path", "state_path", "write_seen"]

_STRANGERS = 200  # connections listed of which no device is known; all are counted
_log = logging.getLogger("qingyuan.gateway")


@dataclass(frozen=True, slots=True)
class Published:
    """One moment of a gateway (运行状态)."""

    at: datetime
    listening: str
    tls: str
    slot: int
    state: str
    problem: Mapping[str, object] | None
    outbox: str
    devices: int
    synced: Position
    committed: Position
    behind: int
    totals: Mapping[str, int]
    reasons: Mapping[str, int]
    last_seen: Mapping[str, str]
    habits: Mapping[str, Mapping[str, object]]
    sessions: list[Session]
    slowed: int
    keep_days: float


def state_path(store: Path, slot: int) -> Path:
    """Return where the gateway of *slot* tells its state."""
    return store / (f"connections-{slot}.json" if slot else "connections.json")


def seen_path(store: Path, slot: int) -> Path:
    """Return where the gateway of *slot* writes the newest data time of each device."""
    return store / (f"seen-{slot}.json" if slot else "seen.json")


def publish(path: Path, state: Published, *, journal: Path) -> None:
    """Write *state*, with how much disk the journals take."""
    known = [session for session in state.sessions if session.mns]
    strangers = [session for session in state.sessions if not session.mns]
    shown = ",".join(session.told() for session in [*known, *strangers[:_STRANGERS]])
    told = {
        "at": state.at.isoformat(),
        "listening": state.listening,
        "tls": state.tls,
        "slot": state.slot,
        "state": state.state,
        "problem": state.problem,
        "outbox": state.outbox,
        "devices": state.devices,
        "synced": state.synced._asdict(),
        "committed": state.committed._asdict(),
        "behind": state.behind,
        "connected": len(state.sessions),
        "slowed": state.slowed,
        "journal": {**_journal_size(journal), "keep_days": state.keep_days},
        "disk": {"free_mb": shutil.disk_usage(journal).free // 1_000_000},
        "totals": state.totals,
        "reasons": state.reasons,
        "last_seen": state.last_seen,
        "habits": state.habits,
    }
    text = json.dumps(told, ensure_ascii=False)
    try:
        write_atomically(path, f'{text[:-1]}, "connections": [{shown}]}}')
    except OSError as fault:  # a full disk; the journal says so already
        _log.warning("state_not_written cause=%s", fault.strerror)


def write_seen(path: Path, told: Mapping[str, Mapping[str, str]]) -> None:
    """Write the newest data times down."""
    try:
        write_atomically(path, json.dumps(told, separators=(",", ":")))
    except OSError as fault:  # as above
        _log.warning("seen_not_written cause=%s", fault.strerror)


def read_seen(store: Path) -> dict[str, dict[str, str]]:
    """Read what all gateways of the folder have written down."""
    told: dict[str, dict[str, str]] = {}
    for path in store.glob("seen*.json"):
        try:
            said = json.loads(path.read_text("utf-8"))
            for mn, times in said.items():
                mine = told.setdefault(mn, {})
                for cn, time in times.items():
                    mine[cn] = max(time, mine.get(cn, time), key=datetime.fromisoformat)
        except (OSError, ValueError, TypeError, AttributeError):
            continue  # a hint only: without it a gap before the start is not asked for
    return told


def _journal_size(journal: Path) -> dict[str, int]:
    count = size = 0
    for slot in slots(journal):
        folder = slot_folder(journal, slot)
        for number in segments(folder):
            try:
                size += (folder / f"seg-{number:012d}.qyj").stat().st_size
            except FileNotFoundError:  # deleted meanwhile
                continue
            count += 1
    return {"segments": count, "bytes": size}
