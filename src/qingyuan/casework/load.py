"""Read a procedure from TOML text (读取办案程序), naming the exact place of every fault.

The text may be a shipped file, a city's file or a published row; ``source`` says which, so that a
fault reads ``exceedance.toml:41 deed[3].to``. What single values may look like is checked here;
whether the whole makes sense is `check`'s work.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from qingyuan.casework.model import (
    Chain,
    ClockActions,
    ClockRule,
    Deed,
    Effect,
    Field,
    Label,
    Ledger,
    Phase,
    Procedure,
    Requirement,
    State,
    Unit,
    Warn,
)
from qingyuan.core.problems import Problem, Problems

__all__ = ["FIELD_KINDS", "load", "shipped"]

_PROCEDURES = Path(__file__).with_name("procedures")
_HEADER = re.compile(r"^\s*(\[\[|\[)([\w.\-]+)\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w\-]+)\s*=")
FIELD_KINDS = (
    "line",
    "text",
    "choice",
    "date",
    "days",
    "unit",
    "person",
    "enterprise",
    "problems",
)
_NO_DEFAULT = object()
T = TypeVar("T")


def _positions(text: str) -> dict[str, int]:
    """Map ``deed[3].to`` and the like to line numbers."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            here = header[2]
            if header[1] == "[[":
                counts[here] = counts.get(here, -1) + 1
                here = f"{here}[{counts[here]}]"
            found[here] = number
        elif key := _KEY.match(line):
            found.setdefault(f"{here}.{key[1]}" if here else key[1], number)
    return found


def _line_of(positions: Mapping[str, int], path: str) -> int:
    """Return the line of *path*, or of the nearest thing that holds it."""
    while path and path not in positions:
        cut = max(path.rfind("."), path.rfind("[") if path.endswith("]") else -1)
        path = path[:cut] if cut > 0 else ""
    return positions.get(path, 1)


class _Reader:
    """Walks parsed tables and gathers faults instead of stopping at the first."""

    def __init__(self, source: str, positions: Mapping[str, int]) -> None:
        self.source = source
        self.positions = positions
        self.problems: list[Problem] = []

    def fault(self, code: str, path: str, **values: object) -> None:
        line = _line_of(self.positions, path)
        self.problems.append(Problem(code, source=self.source, line=line, path=path, **values))


class _Table:
    """One table being read; `done` reports keys nobody asked for."""

    def __init__(self, reader: _Reader, path: str, data: object) -> None:
        self.reader, self.path = reader, path
        self.left: dict[str, Any] = {}
        if isinstance(data, dict):
            self.left = dict(data)
        else:
            reader.fault("casework.wrong_type", path, expected="table", given=repr(data))

    def take(self, key: str, kind: type[T], default: object = _NO_DEFAULT) -> T:
        path = f"{self.path}.{key}" if self.path else key
        if key not in self.left:
            if default is _NO_DEFAULT:
                self.reader.fault("casework.missing_key", self.path or key, key=key)
                return kind()
            return cast(T, default)
        value = self.left.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.reader.fault(
                "casework.wrong_type", path, expected=kind.__name__, given=repr(value)
            )
            return kind()
        return value

    def word(self, key: str, known: tuple[str, ...], default: object = _NO_DEFAULT) -> str:
        value = self.take(key, str, default)
        if value not in known and value is not default and value != "":
            self.reader.fault(
                "casework.unknown_word",
                f"{self.path}.{key}",
                given=value,
                known="、".join(known),
            )
        return value

    def names(self, key: str) -> tuple[str, ...]:
        values = self.take(key, list, [])
        if not all(isinstance(v, str) for v in values):
            self.reader.fault(
                "casework.wrong_type",
                f"{self.path}.{key}",
                expected="list of names",
                given=repr(values),
            )
            return ()
        return tuple(values)

    def tables(self, key: str) -> list[_Table]:
        path = f"{self.path}.{key}" if self.path else key
        rows = self.take(key, list, [])
        return [_Table(self.reader, f"{path}[{n}]", row) for n, row in enumerate(rows)]

    def named(self, key: str) -> dict[str, _Table]:
        path = f"{self.path}.{key}" if self.path else key
        rows = self.take(key, dict, {})
        return {name: _Table(self.reader, f"{path}.{name}", row) for name, row in rows.items()}

    def label(self) -> Label:
        return Label(self.take("zh", str), self.take("en", str))

    def done(self) -> None:
        for key in self.left:
            self.reader.fault("casework.unknown_key", f"{self.path}.{key}", key=key)


def _state(table: _Table) -> State:
    phase = table.word("phase", tuple(Phase))
    ledger = table.word("ledger", tuple(Ledger))
    return State(
        name=table.take("name", str),
        label=table.label(),
        phase=Phase(phase) if phase in tuple(Phase) else Phase.DISCOVER,
        ledger=Ledger(ledger) if ledger in tuple(Ledger) else Ledger.ASSIGN,
        terminal=table.take("terminal", bool, False),
    )


def _field(table: _Table) -> Field:
    choices = {}
    for name, row in table.named("choices").items():
        choices[name] = row.label()
        row.done()
    kind = table.word("kind", FIELD_KINDS)
    if (kind == "choice") != bool(choices):
        table.reader.fault("casework.choices_mismatch", table.path, kind=kind)
    field = Field(
        name=table.take("name", str),
        kind=cast(Any, kind),
        label=table.label(),
        required=table.take("required", bool, True),
        choices=MappingProxyType(choices),
        to_enterprise=table.take("to_enterprise", bool, False),
    )
    table.done()
    return field


def _requirements(table: _Table) -> tuple[Requirement, ...]:
    found = []
    for n, row in enumerate(table.take("evidence", list, [])):
        if isinstance(row, str):
            found.append(Requirement((row,)))
            continue
        part = _Table(table.reader, f"{table.path}.evidence[{n}]", row)
        found.append(Requirement(part.names("any"), part.take("or_field", str, None)))
        part.done()
    return tuple(found)


def _effects(table: _Table) -> tuple[Effect, ...]:
    found = []
    for n, row in enumerate(table.take("effects", list, [])):
        if isinstance(row, str):
            found.append(Effect(row))
            continue
        part = _Table(table.reader, f"{table.path}.effects[{n}]", row)
        name = part.take("name", str)
        params = {key: part.take(key, str) for key in list(part.left)}
        found.append(Effect(name, MappingProxyType(params)))
    return tuple(found)


def _clock_actions(table: _Table) -> ClockActions:
    part = _Table(table.reader, f"{table.path}.clocks", table.take("clocks", dict, {}))
    actions = ClockActions(
        **{k: part.names(k) for k in ("start", "stop", "pause", "resume", "extend")}
    )
    part.done()
    return actions


def _deed(table: _Table) -> Deed:
    chain = table.take("chain", str, None)
    return Deed(
        name=table.take("name", str),
        label=table.label(),
        states=table.names("from"),
        to=table.take("to", str, "" if chain else _NO_DEFAULT),
        roles=table.names("roles"),
        guards=table.names("guards"),
        ties=table.names("ties"),
        not_by=table.names("not_by"),
        fields=tuple(_field(row) for row in table.tables("fields")),
        evidence=_requirements(table),
        offers=table.names("offers"),
        clocks=_clock_actions(table),
        effects=_effects(table),
        clause=table.take("clause", str),
        mark=table.take("mark", str, ""),
        chain=chain,
        verdict=cast(Any, table.word("verdict", ("pass", "return"), None)),
        strike_off=table.take("strike_off", bool, False),
    )


def _clock(name: str, table: _Table) -> ClockRule:
    ladder = []
    for row in table.tables("warn"):
        card = row.word("card", ("yellow", "red"))
        ladder.append(Warn(row.take("at", int), cast(Any, card), row.names("to")))
        row.done()
    rule = ClockRule(
        name=name,
        label=table.label(),
        unit=cast(Unit, table.word("unit", ("workday", "day", "hour"))),
        length=table.take("length", int, None),
        until=table.take("until", str, None),
        extend_max=table.take("extend_max", int, None),
        warn=tuple(ladder),
        clause=table.take("clause", str),
        mark=table.take("mark", str, ""),
    )
    if (rule.length is None) == (rule.until is None) or (rule.length or 1) < 1:
        table.reader.fault("casework.clock_without_length", table.path, clock=name)
    table.done()
    return rule


def _chain(name: str, table: _Table) -> Chain:
    steps = []
    for row in table.tables("steps"):
        steps.append((row.take("role", str), row.label()))
        row.done()
    if not steps:
        table.reader.fault("casework.missing_key", table.path, key="steps")
    chain = Chain(name, tuple(steps), table.take("passed_to", str), table.take("returned_to", str))
    table.done()
    return chain


def _evidence(table: _Table) -> Label:
    label = table.label()
    table.done()
    return label


def _by_name(top: _Table, key: str, read: Callable[[_Table], T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for table in top.tables(key):
        name = table.left.get("name", "")
        item = read(table)
        table.done()
        if name in found:
            table.reader.fault("casework.duplicate_name", f"{table.path}.name", name=name)
        found[name] = item
    return found


def load(text: str, *, source: str) -> Procedure:
    """Read one procedure (读取办案程序).

    Parameters
    ----------
    text : str
        The TOML text.
    source : str
        What the text is called: a file name, or ``published row 12``.

    Raises
    ------
    Problem
        ``casework.toml_syntax`` if the text is no TOML.
    Problems
        Every missing, unknown, doubled or ill-typed entry at once, each with line and path.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problem("casework.toml_syntax", source=source, detail=str(error)) from error
    reader = _Reader(source, _positions(text))
    top = _Table(reader, "", data)
    head = _Table(reader, "procedure", top.take("procedure", dict))
    procedure = Procedure(
        name=head.take("name", str),
        version=head.take("version", str),
        label=head.label(),
        initial=head.take("initial", str),
        numbering=head.take("numbering", str),
        source=source,
        clause=head.take("clause", str),
        digest=hashlib.sha256(text.encode()).hexdigest(),
        roles=head.names("roles"),
        states=MappingProxyType(_by_name(top, "state", _state)),
        deeds=MappingProxyType(_by_name(top, "deed", _deed)),
        clocks=MappingProxyType({n: _clock(n, t) for n, t in top.named("clock").items()}),
        chains=MappingProxyType({n: _chain(n, t) for n, t in top.named("chain").items()}),
        evidence=MappingProxyType({n: _evidence(t) for n, t in top.named("evidence").items()}),
        positions=MappingProxyType(dict(reader.positions)),
    )
    head.done()
    top.path = "file"
    top.done()
    Problems.raise_any(reader.problems)
    return procedure


@cache
def shipped() -> Mapping[str, Procedure]:
    """Return the procedures shipped with the house, by name."""
    loaded = [
        load(path.read_text("utf-8"), source=path.name)
        for path in sorted(_PROCEDURES.glob("*.toml"))
    ]
    return MappingProxyType({procedure.name: procedure for procedure in loaded})
