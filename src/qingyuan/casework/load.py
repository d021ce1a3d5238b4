"""Read a procedure from TOML text (读取办案程序), naming the exact place of every fault.

The text may be a shipped file, a city's file or a published row; ``source`` says which, so that a
fault reads ``exceedance.toml:41 deed[3].to``. What single values may look like is checked here;
whether the whole makes sense is `check`'s work.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast, get_args

from qingyuan.casework.limits import LIMITS, Limit
from qingyuan.casework.model import (
    Card,
    Chain,
    ClockActions,
    ClockRule,
    Column,
    Deed,
    Effect,
    Field,
    FieldKind,
    Label,
    Ledger,
    Phase,
    Policy,
    Procedure,
    Requirement,
    State,
    Unit,
    Warn,
)
from qingyuan.casework.reader import REQUIRED, Reader, Table, positions_of
from qingyuan.core.problems import Problem, Problems

__all__ = ["FIELD_KINDS", "load", "shipped"]

_PROCEDURES = Path(__file__).with_name("procedures")
FIELD_KINDS: tuple[str, ...] = get_args(FieldKind)
"""What a field may be (填写项类别); the guide in ``procedures/README.md`` explains each."""
T = TypeVar("T")


def _state(table: Table) -> State:
    phase = table.word("phase", tuple(Phase))
    ledger = table.word("ledger", tuple(Ledger))
    return State(
        name=table.take("name", str),
        label=table.label(),
        phase=Phase(phase) if phase in tuple(Phase) else Phase.DISCOVER,
        ledger=Ledger(ledger) if ledger in tuple(Ledger) else Ledger.ASSIGN,
        terminal=table.take("terminal", bool, False),
        unclocked=table.take("unclocked", str, ""),
    )


def _field(table: Table) -> Field:
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
        past=table.take("past", bool, False),
    )
    table.done()
    return field


def _column(table: Table) -> Column:
    return Column(
        name=table.take("name", str),
        label=table.label(),
        source=table.take("from", str),
        public=table.take("public", bool, False),
    )


def _requirements(table: Table) -> tuple[Requirement, ...]:
    found = []
    for n, row in enumerate(table.take("evidence", list, [])):
        if isinstance(row, str):
            found.append(Requirement((row,)))
            continue
        part = Table(table.reader, f"{table.path}.evidence[{n}]", row)
        found.append(Requirement(part.names("any"), part.take("or_field", str, None)))
        part.done()
    return tuple(found)


def _effects(table: Table) -> tuple[Effect, ...]:
    found = []
    for n, row in enumerate(table.take("effects", list, [])):
        if isinstance(row, str):
            found.append(Effect(row))
            continue
        part = Table(table.reader, f"{table.path}.effects[{n}]", row)
        name = part.take("name", str)
        params = {key: part.take(key, str) for key in list(part.left)}
        found.append(Effect(name, MappingProxyType(params)))
    return tuple(found)


def _clock_actions(table: Table) -> ClockActions:
    part = Table(table.reader, f"{table.path}.clocks", table.take("clocks", dict, {}))
    actions = ClockActions(
        **{k: part.names(k) for k in ("start", "stop", "pause", "resume", "extend")}
    )
    part.done()
    return actions


def _deed(table: Table) -> Deed:
    chain = table.take("chain", str, None)
    return Deed(
        name=table.take("name", str),
        label=table.label(),
        states=table.names("from"),
        to=table.take("to", str, "" if chain else REQUIRED),
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
        undo=table.take("undo", bool, False),
        batch=table.take("batch", bool, False),
    )


def _limit(table: Table) -> Limit | None:
    """Return the typed limit the clock takes its length from, if it names one that is a term."""
    code = table.take("limit", str, "")
    if not code:
        return None
    limit = LIMITS.get(code)
    if limit is None or limit.kind != "after":
        terms = [x.code for x in LIMITS.values() if x.kind == "after"]
        path = f"{table.path}.limit"
        table.reader.fault("casework.unknown_word", path, given=code, known="、".join(terms))
        return None
    return limit


def _extension(limit: Limit | None) -> int | None:
    same = limit is not None and limit.extend_unit == limit.unit
    return limit.extend_max if limit is not None and same else None


def _clock(name: str, table: Table) -> ClockRule:
    ladder = []
    for row in table.tables("warn"):
        card = row.word("card", get_args(Card))
        ladder.append(Warn(row.take("at", int), cast(Any, card), row.names("to")))
        row.done()
    limit = _limit(table)
    unit = limit.unit if limit else REQUIRED
    rule = ClockRule(
        name=name,
        label=table.label(),
        unit=cast(Unit, table.word("unit", get_args(Unit), unit)),
        length=table.take("length", int, limit.length if limit else None),
        until=table.take("until", str, None),
        extend_max=table.take("extend_max", int, _extension(limit)),
        warn=tuple(ladder),
        clause=table.take("clause", str),
        mark=table.take("mark", str, limit.mark if limit else ""),
        limit=limit.code if limit else "",
    )
    if limit and (rule.unit, rule.length) != (limit.unit, limit.length):
        table.reader.fault(
            "casework.limit_differs",
            f"{table.path}.limit",
            limit=limit.code,
            stated=f"{limit.length} {limit.unit}",
            given=f"{rule.length} {rule.unit}",
        )
    if (rule.length is None) == (rule.until is None) or (rule.length or 1) < 1:
        table.reader.fault("casework.clock_without_length", table.path, clock=name)
    table.done()
    return rule


def _chain(name: str, table: Table) -> Chain:
    steps = []
    for row in table.tables("steps"):
        steps.append((row.take("role", str), row.label()))
        row.done()
    if not steps:
        table.reader.fault("casework.missing_key", table.path, key="steps")
    chain = Chain(
        name,
        tuple(steps),
        table.take("passed_to", str),
        table.take("returned_to", str),
        _clock_actions(table),
    )
    table.done()
    return chain


def _evidence(table: Table) -> Label:
    label = table.label()
    table.done()
    return label


def _by_name(top: Table, key: str, read: Callable[[Table], T]) -> dict[str, T]:
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
    reader = Reader(source, positions_of(text))
    top = Table(reader, "", data)
    head = Table(reader, "procedure", top.take("procedure", dict))
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
        family=head.take("family", str, ""),
        policy=cast(Policy, head.word("policy", get_args(Policy), "all")),
        retention_years=head.take("retention_years", int, 10),
        default_matter=head.take("default_matter", str, ""),
        form=MappingProxyType(_by_name(top, "form", _field)),
        columns=MappingProxyType(_by_name(top, "column", _column)),
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
