"""What a device's packets say it needs (策略建议): learned by counting, decided by a person.

The packets set aside are read again, all of them: a checksum of another kind, a length that is off
or a text in GBK shows in every packet of a device and in none of its neighbours'. Of accepted packets
the gateway tells what it counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from qingyuan.hj212 import DEVIATIONS, Packet, Verdict, parse
from qingyuan.store.quarantine import Quarantine
from qingyuan.web.monitoring.selectors.connections import Habit
from qingyuan.web.registry.models import Device

__all__ = ["LEARN_FROM", "Heard", "Proposal", "hear", "packets_of", "propose"]

LEARN_FROM = 3  # packets of one kind before anything is proposed (hj212.md §6.1)
_MOST = 500
_CRC = {"crc.modbus": "modbus", "crc.modbus_swapped": "modbus-swapped"}
_SHARE = 0.8  # of the packets: a device speaks one dialect and encoding, not two


@dataclass(frozen=True, slots=True)
class Heard:
    """What some packets of one device have in common (所见)."""

    packets: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    deviations: Mapping[str, int] = field(default_factory=dict)
    crc: Mapping[str, int] = field(default_factory=dict)
    dialects: Mapping[str, int] = field(default_factory=dict)
    encodings: Mapping[str, int] = field(default_factory=dict)
    systems: Mapping[str, int] = field(default_factory=dict)
    passwords: Mapping[str, int] = field(default_factory=dict)
    factors: tuple[str, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    habit: Habit = field(default_factory=Habit)

    def common(self, name: str) -> str:
        """Return what nearly all of the packets say of *name*; empty when they differ."""
        counted: Mapping[str, int] = getattr(self, name)
        said = sum(counted.values())
        if not said:
            return ""
        value, times = max(counted.items(), key=lambda one: one[1])
        return value if times >= _SHARE * said else ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes of terms that would have let the packets in, and how many packets say so."""

    changes: Mapping[str, object]
    evidence: tuple[tuple[str, int], ...]  # deviation code → packets
    packets: int


def packets_of(
    store: Path, mn: str, *, at: datetime, days: int = 7
) -> list[tuple[dict[str, object], Packet]]:
    """Return the newest packets of one device that were set aside, read again, newest first."""
    rows = Quarantine(store).recent(_MOST, mn=mn)
    return [
        (row, parse(bytes(row["raw"])))  # type: ignore[call-overload]  # bytes of the packet
        for row in rows
        if at - row["received_at"] <= timedelta(days=days)  # type: ignore[operator]  # an instant
    ]


def hear(
    found: Iterable[tuple[Mapping[str, object], Packet]], *, habit: Habit | None = None
) -> Heard:
    """Count what packets have in common; *habit* is what the gateway saw of the device."""
    counters: dict[str, Counter[str]] = {
        name: Counter()
        for name in (
            "reasons",
            "deviations",
            "crc",
            "dialects",
            "encodings",
            "systems",
            "passwords",
        )
    }
    factors: dict[str, None] = {}
    times: list[datetime] = []
    n = 0
    for row, packet in found:
        n += 1
        counters["reasons"][str(row["reason"])] += 1
        counters["deviations"].update(set(packet.reasons))
        times.append(row["received_at"])  # type: ignore[arg-type]  # an instant
        if packet.verdict is Verdict.REJECTED:
            continue
        for name, value in (
            ("crc", packet.crc), ("dialects", packet.dialect), ("encodings", packet.encoding),
            ("systems", packet.st), ("passwords", packet.pw),
        ):  # fmt: skip
            if value:
                counters[name][value] += 1
        factors |= dict.fromkeys(code for code, _ in packet.readings)
    return Heard(
        n, **counters, factors=tuple(factors), first_at=min(times, default=None),
        last_at=max(times, default=None), habit=habit or Habit(),
    )  # fmt: skip


def propose(device: Device, heard: Heard) -> Proposal | None:
    """Return what the device's policy would have to allow, or None when nothing is to be learned.

    Only what three packets show is proposed, and nothing that was refused for another reason: a
    wrong password or a checksum of no known kind is a matter for the maintainer, not a policy.
    """
    changes: dict[str, object] = {}
    evidence: list[tuple[str, int]] = []
    repairs, crc = list(device.repairs), list(device.crc)
    for code, times in sorted(heard.deviations.items(), key=lambda one: -one[1]):
        if times < LEARN_FROM or DEVIATIONS[code].severity != "repair":
            continue
        if code in _CRC and _CRC[code] not in crc:
            crc.append(_CRC[code])
            evidence.append((code, times))
        elif code not in _CRC and code not in repairs:
            repairs.append(code)
            evidence.append((code, times))
    if crc != device.crc:
        changes["crc"] = crc
    if repairs != device.repairs:
        changes["repairs"] = sorted(repairs)
    habit = heard.habit
    encoding = heard.common("encodings") or habit.encoding
    seen = sum(told.get("encoding.gb18030", 0) for told in (heard.deviations, habit.deviations))
    if encoding == "gb18030" and device.encoding == "utf-8" and seen >= LEARN_FROM:
        changes["encoding"] = "auto"
        evidence.append(("encoding.gb18030", seen))
    if habit.dialect not in ("", "unknown", device.dialect) and habit.packets >= LEARN_FROM:
        changes["dialect"] = habit.dialect
        evidence.append((f"dialect.{habit.dialect}", habit.packets))
    insists = habit.deviations.get("answer.insists", 0)
    if insists >= LEARN_FROM and device.answer == "flag":
        changes["answer"] = "always"
        evidence.append(("answer.insists", insists))
    packets = max(heard.packets, habit.packets)
    return Proposal(changes, tuple(evidence), packets) if changes else None
