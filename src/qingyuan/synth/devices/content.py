"""What stations say (报文内容): data areas rendered once, packets by filling in time and number.

The content of one station at one time is always the same for a seed, so history asked for twice is
the same history, and no station has to remember what it sent.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import NamedTuple
from zlib import crc32

from qingyuan.hj212 import CODES_2005, SEGMENT_LIMIT, Key, annex_b, frame, should_encrypt, stamp

__all__ = ["DATA", "Content", "Kind", "Said", "kind_of", "qn_text", "time_text"]

#: Data commands a station sends of its own accord, and the seconds each covers.
DATA = {"2011": 0, "2051": 600, "2061": 3600, "2031": 86_400}
_VARIANTS = 64
_NINE = ("w01010", "w01001", "w01009", "w01014", "w01003", "w01019", "w21003", "w21011", "w21001")
#: Where the usual values lie, so that a reader is not startled; other factors lie below 50.
_USUAL = {
    "w00000": (5, 60), "w01001": (6.5, 8.5), "w01009": (5, 10), "w01010": (8, 28), "w01014": (200, 900),
    "w01003": (3, 40), "w01018": (8, 38), "w01019": (1, 6), "w21001": (1, 12), "w21003": (0.05, 1.5),
    "w21011": (0.02, 0.3), "w01012": (4, 20), "w01017": (1, 8), "a00000": (3, 30), "a01011": (4, 18),
    "a01012": (45, 130), "a01013": (-0.6, 0.4), "a01014": (4, 14), "a19001": (4, 12), "a21002": (20, 90),
    "a21026": (4, 34), "a34013": (1, 9), "a01001": (5, 32), "a01002": (30, 90), "a01006": (99, 103),
    "001": (6.5, 8.5), "011": (8, 38), "060": (0.05, 1.5), "065": (1, 12), "101": (0.02, 0.3),
}  # fmt: skip
_SUFFIXES = {
    "2011": ("Rtd", "Flag"),
    "2051": ("Min", "Avg", "Max", "Flag"),
    "2061": ("Min", "Avg", "Max", "Flag"),
    "2031": ("Min", "Avg", "Max", "Flag"),
}


class Kind(NamedTuple):
    """A kind of station: what one dialect's loggers say (站点类型)."""

    dialect: str
    st: str
    version: int
    factors: tuple[str, ...]
    suffixes: dict[str, tuple[str, ...]]
    history: tuple[str, ...] = ("2051", "2061")


class Said(NamedTuple):
    """One packet to be sent, and the number its answer will bear; *area* for those who deviate."""

    raw: bytes
    qn: bytes


def kind_of(dialect: str, *, factors: int) -> Kind:
    """Return what stations of a dialect send, with so many factors per packet."""
    if dialect == "2005":
        codes = [code for code, row in CODES_2005.items() if row["medium"] == "water"]
        return Kind("2005", "32", 0, _taken(codes, factors), _SUFFIXES)
    if dialect == "surface-water":
        codes = [*_NINE, *(code for code in annex_b() if code[0] == "w" and code not in _NINE)]
        hourly = {**_SUFFIXES, **dict.fromkeys(("2051", "2061", "2031"), ("Avg", "Flag"))}
        return Kind(dialect, "21", 2, _taken(codes, factors), hourly, ("2061",))
    medium, st = ("a", "31") if dialect == "2025" else ("w", "32")
    codes = [code for code in annex_b() if code[0] == medium]
    return Kind(dialect, st, 2 if dialect == "2025" else 1, _taken(codes, factors), _SUFFIXES)


def _taken(codes: list[str], wanted: int) -> tuple[str, ...]:
    """Return the first codes; beyond the table, codes of the maker's own."""
    own = (f"x{number:05d}" for number in range(wanted))
    return (*codes[:wanted], *list(own)[: max(0, wanted - len(codes))])


@lru_cache(maxsize=4096)
def time_text(second: int) -> str:
    """Write Unix seconds as fourteen digits of Beijing time."""
    return stamp(datetime.fromtimestamp(second, tz=UTC))


def qn_text(millisecond: int) -> bytes:
    """Write Unix milliseconds as a request number."""
    second, rest = divmod(millisecond, 1000)
    return b"%b%03d" % (time_text(second).encode(), rest)


@dataclass(frozen=True)
class Content:
    """The words of all stations of one kind (内容).

    Parameters
    ----------
    kind : Kind
        What they send.
    seed : int
        The same seed gives the same values for station, command and time.
    """

    kind: Kind
    seed: int

    def parts(self, station: int, cn: str, second: int) -> tuple[str, ...]:
        """Return the data areas without DataTime: one, or as many as 1024 bytes ask for."""
        variants = _variants(self.kind.factors, self.kind.suffixes.get(cn, ("Rtd",)), self.seed)
        period = DATA.get(cn) or 1
        drawn = crc32(b"%d %d %d %b" % (self.seed, station, second // period, cn.encode()))
        return variants[drawn % _VARIANTS]

    def packets(
        self,
        *,
        station: int,
        cn: str,
        second: int,
        mn: str,
        pw: str,
        qn_ms: int,
        answer: bool = True,
        resent: bool = False,
        key: Key | None = None,
    ) -> Iterator[Said]:
        """Render what a station says of one time; split packets have numbers one ms apart."""
        parts = self.parts(station, cn, second)
        flag = self.kind.version << 2 | int(answer)
        sealed = key if key is not None and should_encrypt(cn, from_site=True) else None
        rf = "RF=1;" if resent and self.kind.dialect == "2025" else ""
        for number, area in enumerate(parts):
            qn = qn_text(qn_ms + number)
            split = f"PNUM={len(parts)};PNO={number + 1};" if len(parts) > 1 else ""
            segment = (
                f"ST={self.kind.st};CN={cn};PW={pw};MN={mn};Flag={flag | (2 if split else 0)};"
                f"{split}{rf}CP=&&DataTime={time_text(second)};{area}&&"
            )
            yield Said(frame(b"QN=%b;%b" % (qn, segment.encode()), key=sealed), qn)


@cache
def _variants(
    factors: tuple[str, ...], suffixes: tuple[str, ...], seed: int
) -> tuple[tuple[str, ...], ...]:
    """Return the areas all stations choose from, each cut where a packet would be too long."""
    chance = random.Random(f"{seed} {suffixes}")
    room = SEGMENT_LIMIT - 140  # header, DataTime and packet numbers
    made = []
    for _ in range(_VARIANTS):
        parts, used = [[]], 0  # type: tuple[list[list[str]], int]
        for code in factors:
            low, high = _USUAL.get(code, (0.01, 50))
            middle, width = chance.uniform(low, high), (high - low) / 50
            words = {"Min": middle - width, "Avg": middle, "Max": middle + width, "Rtd": middle}
            words |= {"Min": max(words["Min"], low)}
            item = ",".join(
                f"{code}-{suffix}={words[suffix]:.3f}" if suffix in words else f"{code}-{suffix}=N"
                for suffix in suffixes
            )
            if used + len(item) + 1 > room:
                parts.append([])
                used = 0
            parts[-1].append(item)
            used += len(item) + 1
        made.append(tuple(";".join(part) for part in parts))
    return tuple(made)
