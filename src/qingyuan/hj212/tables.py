"""Tables (编码表): commands, systems, fields, deviations and dialects as data.

Every row names its source or mark: ``read`` in the standard itself, ``second-hand`` from public
software that cites it, ``vendor`` met in the field only.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

__all__ = [
    "AREA_FIELDS",
    "CODES_2005",
    "COMMANDS",
    "DEVIATIONS",
    "SUFFIXES",
    "SYSTEMS",
    "TIME_FIELDS",
    "Command",
    "DeviationKind",
    "Dialect",
    "codes",
    "command_of",
    "commands_of",
    "detect_dialect",
    "dialect_of",
    "dialects",
    "factor_2017",
    "field_clause",
    "field_names",
    "outcomes",
    "request_command",
    "should_encrypt",
    "upload_command",
]


class Command(NamedTuple):
    """One row of the command table (命令编码, HJ 212-2017 表9).

    *flow* is the class of dialogue (hj212.md §2): ``A`` request, ``A+data`` request that data
    answers, ``B`` upload, ``C`` notice. *area_down* and *area_up* say what the data area holds each
    way, ``x`` for a factor code. *sm4* marks what should be encrypted in 2025 (second-hand).
    """

    cn: str
    direction: str
    kind: str
    reply: str
    label: str
    stored: str
    versions: str
    mark: str
    flow: str
    sm4: str
    zh: str
    en: str
    area_down: str
    area_up: str


class DeviationKind(NamedTuple):
    """What a deviation code means, how much it weighs, and what would be right.

    *severity* is note, repair or reject; *at* names the piece of the packet it concerns: a header
    field, ``LENGTH``, ``CRC``, ``TAIL``, ``CP``, ``*`` for the piece its detail names, or nothing.
    """

    code: str
    severity: str
    source: str
    at: str
    zh: str
    en: str
    right_zh: str
    right_en: str


class Dialect(NamedTuple):
    """One way of speaking HJ 212: how it is recognised, and how it is spoken (方言).

    *flag_version*, *st* and *mn_not* recognise it; *mn* is the shape of its device ids, *encoding*
    that of its text, *qn_in_area* where its replies hold the request number, *sends* the version
    bits of Flag in what we send.
    """

    name: str
    document: str
    flag_version: tuple[int, ...]
    st: tuple[str, ...]
    mn_not: re.Pattern[str] | None
    mark: str
    mn: re.Pattern[str]
    encoding: str
    qn_in_area: bool
    sends: int


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files(__package__).joinpath(f"tables/{name}.csv").open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


_COMMAND_ROWS = tuple(Command(**row) for row in _rows("commands"))
_FIELD_ROWS = tuple(_rows("fields"))

#: Command rows by code; one code may have a request and an upload.
COMMANDS: Mapping[str, tuple[Command, ...]] = MappingProxyType(
    {
        cn: tuple(r for r in _COMMAND_ROWS if r.cn == cn)
        for cn in dict.fromkeys(r.cn for r in _COMMAND_ROWS)
    }
)
SYSTEMS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {row["st"]: row for row in _rows("systems")}
)
DEVIATIONS: Mapping[str, DeviationKind] = MappingProxyType(
    {row["code"]: DeviationKind(**row) for row in _rows("deviations")}
)
#: Factor codes of HJ/T 212-2005 (原编码) by code: code of 2017, medium, name, source.
CODES_2005: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {row["code_2005"]: row for row in _rows("factors_2005")}
)
#: Suffixes of factors with what their values are: ``number``, ``time`` or, for others, nothing.
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {row["name"]: row["kind"] for row in _FIELD_ROWS if row["where"] == "suffix"}
)
AREA_FIELDS = frozenset(row["name"] for row in _FIELD_ROWS if row["where"] == "area")
TIME_FIELDS = frozenset(
    row["name"] for row in _FIELD_ROWS if row["kind"] == "time" and row["where"] == "area"
)


def factor_2017(code: str, *, st: str) -> str | None:
    """Return the code of 2017 for a factor code of 2005, or None where it has none.

    The same number means another thing in water than in air, and vendors use free numbers, so a
    code counts only under a system code (ST) of its own medium; under any other it stays as sent.
    """
    row = CODES_2005.get(code)
    system = SYSTEMS.get(st)
    if row is None or system is None or row["medium"] != system["medium"]:
        return None
    return row["code_2017"]


@cache
def upload_command(cn: str, dialect: str = "") -> Command | None:
    """Return the row of *cn* as a site sends it, or None when the table has none.

    Where editions use one number for two things the row of *dialect* is taken, else the first.
    """
    return _spoken(
        [row for row in COMMANDS.get(cn, ()) if row.direction in ("up", "both")], dialect
    )


@cache
def request_command(cn: str, dialect: str = "") -> Command | None:
    """Return the row of *cn* as the platform sends it; otherwise as `upload_command`."""
    down = [row for row in COMMANDS.get(cn, ()) if row.direction in ("down", "both")]
    return _spoken(down, dialect)


def _spoken(rows: list[Command], dialect: str) -> Command | None:
    fitting = [row for row in rows if dialect in row.versions.split()]
    return next(iter(fitting or rows), None)


@cache
def commands_of(dialect: str) -> frozenset[str]:
    """Return the codes of the commands a dialect knows."""
    return frozenset(
        row.cn for row in _COMMAND_ROWS if {dialect, "vendor"} & set(row.versions.split())
    )


@cache
def should_encrypt(cn: str, *, from_site: bool) -> bool:
    """Whether 2025 wants this command encrypted (second-hand): 1014 and 3020, and 2xxx uploads."""
    row = upload_command(cn) if from_site else request_command(cn)
    return row is not None and row.sm4 == "1" and (from_site or not cn.startswith("2"))


@cache
def dialects() -> tuple[Dialect, ...]:
    """Return the dialects in the order in which they are tried."""
    text = files(__package__).joinpath("tables/dialects.toml").read_text("utf-8")
    return tuple(
        Dialect(
            row["name"],
            row["document"],
            tuple(row.get("flag_version", ())),
            tuple(row.get("st", ())),
            re.compile(row["mn_not"]) if "mn_not" in row else None,
            row["mark"],
            re.compile(row["mn"]),
            row["encoding"],
            row["qn_in_area"],
            row["sends"],
        )
        for row in tomllib.loads(text)["dialect"]
    )


def dialect_of(name: str) -> Dialect:
    """Return a dialect by name; an unknown name answers as ``unknown``."""
    return next((one for one in dialects() if one.name == name), dialects()[-1])


@lru_cache(maxsize=8192)
def detect_dialect(st: str, mn: str, version: int) -> str:
    """Propose a dialect from ST, the shape of MN and the version bits of Flag (hj212.md §1.2)."""
    for dialect in dialects():
        if dialect.flag_version and version not in dialect.flag_version:
            continue
        if dialect.st and st not in dialect.st:
            continue
        if dialect.mn_not and dialect.mn_not.fullmatch(mn):
            continue
        return dialect.name
    return "unknown"


def command_of(cn: str, *, dialect: str) -> Command | None:
    """Return the row that names *cn* best: as a site sends it, of this dialect if it has one."""
    rows = COMMANDS.get(cn, ())
    spoken = [row for row in rows if dialect in row.versions.split()] or list(rows)
    return _spoken([r for r in spoken if r.direction in ("up", "both")] or spoken, dialect)


@cache
def field_names() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return the Chinese and English name by (place, name): ``header``, ``area`` or ``suffix``."""
    return MappingProxyType(
        {(row["where"], row["name"]): (row["zh"], row["en"]) for row in _FIELD_ROWS}
    )


@cache
def field_clause(part: str, name: str) -> str:
    """Return where the standard rules a piece; *part* as in `layout.Piece`, *name* as sent."""
    where, known = {"field": "area", "reading": "suffix"}.get(part, part), name.rpartition("-")[2]
    found = (r["clause"] for r in _FIELD_ROWS if (r["where"], r["name"]) == (where, known))
    return next(found, "")


@cache
def codes(dialect: str) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return what coded values mean in a dialect, by (field or suffix, value).

    ``QnRtn`` and ``ExeRtn`` results, data flags (``Flag``, HJ 212-2017 表8), device states
    (``RS``), alarm and check results. An unknown dialect reads as 2017.
    """
    spoken = dialect if any(dialect == one.name for one in dialects()[:-1]) else "2017"
    found = (row for row in _rows("codes") if spoken in row["dialects"].split())
    return MappingProxyType({(row["field"], row["value"]): row for row in found})


@cache
def outcomes() -> Mapping[str, Mapping[str, str]]:
    """Return how a session may end, by its stable name."""
    return MappingProxyType({row["outcome"]: row for row in _rows("outcomes")})
