"""Packets (数据包): what one frame says, and how far it may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from qingyuan.hj212.clock import instant
from qingyuan.hj212.tables import DEVIATIONS, factor_2017

__all__ = ["Deviation", "Packet", "Reading", "Verdict", "packet_of"]

Reading = tuple[str, Mapping[str, str]]


class Verdict(StrEnum):
    """What may be done with a packet (判定)."""

    VALID = "valid"
    REPAIRED = "repaired"
    REJECTED = "rejected"


class Deviation(NamedTuple):
    """One departure from the standard: a stable code of ``tables/deviations.csv`` and what was seen."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, in its own words (数据包).

    Two packets are equal when they say the same; how they came (raw bytes, verdict, dialect) does
    not count. Text that was absent is ``""``, numbers that were absent are None.

    Parameters
    ----------
    qn, st, cn, pw, mn : str
        Request number 请求编码, system code 系统编码, command 命令编码, password 访问密码,
        device id 设备唯一标识 (HJ 212-2017 表4).
    flag : int or None
        Version bits 7..2, bit 1 packet numbers present, bit 0 answer wanted.
    pnum, pno : int or None
        Number of packets, and which one this is.
    rf : str
        ``"1"`` on re-sent data (2025, second-hand).
    area : str
        The data area between ``CP=&&`` and ``&&`` as sent.
    encoding : str
        ``utf-8`` or ``gb18030``.
    fields : mapping
        Plain fields of the area, first value of each (``DataTime``, ``QnRtn`` …).
    readings : tuple
        ``(code, {suffix: text})`` in the order sent; a factor sent twice is there twice.
    """

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int | None
    pnum: int | None
    pno: int | None
    rf: str
    area: str
    encoding: str = "utf-8"
    fields: Mapping[str, str] = field(default_factory=dict, compare=False)
    readings: tuple[Reading, ...] = field(default=(), compare=False)
    raw: bytes = field(default=b"", compare=False, repr=False)
    crc: str = field(default="standard", compare=False)
    dialect: str = field(default="2017", compare=False)
    verdict: Verdict = field(default=Verdict.VALID, compare=False)
    deviations: tuple[Deviation, ...] = field(default=(), compare=False)

    @property
    def wants_answer(self) -> bool:
        """Whether bit 0 of Flag is set (A, 应答标志)."""
        return self.flag is not None and bool(self.flag & 1)

    @property
    def version(self) -> int:
        """The version bits of Flag: 0 = 2005, 1 = 2017, 2 = 2025 (second-hand)."""
        return 0 if self.flag is None else self.flag >> 2

    @property
    def exchange(self) -> str:
        """The request number this packet belongs to: QN, which 2005 replies hold in the area [u]."""
        return self.qn or self.fields.get("QN", "")

    @property
    def mapped(self) -> tuple[Reading, ...]:
        """Readings with factor codes of 2005 as those of 2017; what has none stays as sent."""
        return tuple((factor_2017(code, st=self.st) or code, v) for code, v in self.readings)

    @property
    def data_time(self) -> datetime | None:
        """DataTime as an aware instant: of collection (2011, 2021), else the interval's START."""
        return instant(self.fields.get("DataTime", ""))

    @property
    def factors(self) -> dict[str, dict[str, str] | list[dict[str, str]]]:
        """Readings by code; a factor sent twice is a list."""
        gathered: dict[str, list[dict[str, str]]] = {}
        for code, values in self.readings:
            gathered.setdefault(code, []).append(dict(values))
        return {code: found[0] if len(found) == 1 else found for code, found in gathered.items()}

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of all deviations."""
        return tuple(deviation.code for deviation in self.deviations)

    @property
    def fatal(self) -> tuple[str, ...]:
        """The codes for which it is rejected.

        For a device whose checksum is to be ignored with a mark (hj212.md §6.1) ``crc.unknown``
        and ``crc.none`` may be overlooked when nothing else stands here.
        """
        return tuple(code for code in self.reasons if DEVIATIONS[code].severity == "reject")


# A frozen dataclass sets each field through object.__setattr__, which for eighteen of them is a
# fifth of the time it takes to read a packet. So one of the same layout is filled, then frozen.
_Unfrozen: Any = make_dataclass("_Unfrozen", [one.name for one in fields(Packet)], slots=True)


def packet_of(*values: object) -> Packet:
    """Return ``Packet(*values)`` with every field given, quickly; for `parse`."""
    packet = _Unfrozen(*values)
    packet.__class__ = Packet
    assert isinstance(packet, Packet)
    return packet
