"""The static checker (静态检查): does a procedure make sense before anyone runs a case on it?

Every fault names file, line and path. Nothing is published while one is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from qingyuan.casework.duty import duties, twins
from qingyuan.casework.fits import fits
from qingyuan.casework.guards import GUARDS, TIES, is_known
from qingyuan.casework.model import STAY, Deed, Label, Procedure
from qingyuan.casework.problems import Refusal
from qingyuan.casework.tables import EFFECTS, MARKS, ROLES
from qingyuan.core.problems import Problem

__all__ = ["check"]


def check(procedure: Procedure, *, effects: Collection[str] | None = None) -> list[Problem]:
    """Return every fault of *procedure*, in the order of its file (静态检查).

    Parameters
    ----------
    procedure : Procedure
        As loaded.
    effects : collection of str, optional
        The effect names the platform implements; the table of effects when not given.

    Notes
    -----
    Checked: every name leads somewhere (states, roles, guards, ties, evidence, clocks, chains,
    fields); every state is reachable, has an exit and a way to an end unless terminal; every clock
    started is stopped and none runs on after the end; no open state can be reached with no clock
    running unless the file says why (``unclocked``); a chain has one pass and one return per
    state; the three administrators do nothing; a strike-off asks for evidence; columns, fields and
    effects fit together (`fits`); nothing is in hand with nobody responsible and no two deeds look
    the same (`duty`). A ledger and a phase for every state are held by the reader
    (`load`).
    """
    names = list(_names(procedure, EFFECTS if effects is None else effects))
    if names:  # what follows walks by name and would stumble
        return _sorted(names)
    found = [
        *_graph(procedure),
        *_clocks(procedure),
        *_unclocked(procedure),
        *_chains(procedure),
        *_people(procedure),
        *_strike_off(procedure),
        *fits(procedure),
        *duties(procedure),
        *twins(procedure),
    ]
    return _sorted(found)


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: int(str(p.values["line"])))


def _at(procedure: Procedure, kind: str, name: str) -> tuple[int, str]:
    """Return line and path of the state, deed, clock or chain called *name*."""
    if kind in ("state", "deed"):
        rows = procedure.states if kind == "state" else procedure.deeds
        path = f"{kind}[{list(rows).index(name)}]"
    else:
        path = f"{kind}.{name}"
    return procedure.positions.get(path, 1), path


def _fault(procedure: Procedure, code: str, kind: str, name: str, **values: object) -> Problem:
    line, path = _at(procedure, kind, name)
    return Refusal(code, source=procedure.source, line=line, path=path, **values)


def _names(procedure: Procedure, effects: Collection[str]) -> Iterator[Problem]:
    """Yield a fault for each name that names nothing."""
    words = {
        "state": Label("环节", "state"),
        "role": Label("角色", "role"),
        "guard": Label("条件", "guard"),
        "tie": Label("关系", "tie"),
        "deed": Label("动作", "deed"),
        "evidence": Label("佐证类别", "kind of evidence"),
        "clock": Label("时限", "clock"),
        "chain": Label("审签链", "sign-off chain"),
        "effect": Label("系统动作", "effect"),
        "field": Label("填写项", "field"),
    }

    def test(
        where: tuple[str, str, str], what: str, given: Iterable[str], known: Collection[str]
    ) -> Iterator[Problem]:
        kind, name, key = where
        for word in given:
            if word not in known:
                line, path = _at(procedure, kind, name)
                line = procedure.positions.get(f"{path}.{key}", line)
                yield Refusal(
                    "casework.unknown_name",
                    source=procedure.source,
                    line=line,
                    path=f"{path}.{key}",
                    given=word,
                    what=words[what],
                    known=", ".join(sorted(known)),
                )

    if procedure.initial not in procedure.states:
        yield Refusal(
            "casework.unknown_name",
            source=procedure.source,
            line=procedure.positions.get("procedure.initial", 1),
            path="procedure.initial",
            given=procedure.initial,
            what=words["state"],
            known=", ".join(procedure.states),
        )
    for role in procedure.roles:
        if role not in ROLES:
            yield Refusal(
                "casework.unknown_name",
                source=procedure.source,
                line=procedure.positions.get("procedure.roles", 1),
                path="procedure.roles",
                given=role,
                what=words["role"],
                known=", ".join(ROLES),
            )
    conditions = [*GUARDS, *(f"mark:{word}" for word in MARKS)]
    for name, deed in procedure.deeds.items():
        acts = deed.clocks
        fields = {f.name for f in deed.fields}
        looks: list[tuple[str, str, Iterable[str], Collection[str]]] = [
            ("from", "state", deed.states, procedure.states),
            ("to", "state", [t for t in (deed.to,) if t and t != STAY], procedure.states),
            ("roles", "role", deed.roles, procedure.roles),
            ("guards", "guard", [g for g in deed.guards if not is_known(g)], conditions),
            ("ties", "tie", deed.ties, TIES),
            ("not_by", "deed", deed.not_by, procedure.deeds),
            (
                "evidence",
                "evidence",
                [k for need in deed.evidence for k in need.kinds],
                procedure.evidence,
            ),
            ("offers", "evidence", deed.offers, procedure.evidence),
            ("evidence", "field", [n.or_field for n in deed.evidence if n.or_field], fields),
            ("chain", "chain", [deed.chain] if deed.chain else [], procedure.chains),
            (
                "clocks",
                "clock",
                [*acts.start, *acts.stop, *acts.pause, *acts.resume, *acts.extend],
                procedure.clocks,
            ),
            ("effects", "effect", [e.name for e in deed.effects], effects),
        ]
        for key, what, given, known in looks:
            yield from test(("deed", name, key), what, given, known)
    for name, chain in procedure.chains.items():
        roles = [role for role, _ in chain.steps]
        yield from test(("chain", name, "steps"), "role", roles, procedure.roles)
        acts = chain.clocks
        named = [*acts.start, *acts.stop]
        yield from test(("chain", name, "clocks"), "clock", named, procedure.clocks)
        ends = [chain.passed_to, chain.returned_to]
        yield from test(("chain", name, "passed_to"), "state", ends, procedure.states)
    for name, clock in procedure.clocks.items():
        roles = [role for rung in clock.warn for role in rung.to]
        yield from test(("clock", name, "warn"), "role", roles, procedure.roles)


def _graph(procedure: Procedure) -> Iterator[Problem]:
    """Yield states nobody reaches, states without an exit, states with no way to an end."""
    onward: dict[str, set[str]] = {name: set() for name in procedure.states}
    for deed in procedure.deeds.values():
        for state in deed.states:
            onward[state].update(t for t in procedure.targets(deed, state) if t != state)
    reached, edge = {procedure.initial}, [procedure.initial]
    while edge:
        fresh = onward[edge.pop()] - reached
        reached |= fresh
        edge.extend(fresh)
    ended = {s.name for s in procedure.states.values() if s.terminal}
    while grown := {n for n, to in onward.items() if n not in ended and to & ended}:
        ended |= grown
    for name, row in procedure.states.items():
        if name not in reached:
            yield _fault(procedure, "casework.unreachable", "state", name, state=row.label)
        if row.terminal:
            continue
        if not onward[name]:
            yield _fault(procedure, "casework.no_exit", "state", name, state=row.label)
        elif name not in ended:
            yield _fault(procedure, "casework.no_end", "state", name, state=row.label)


def _clocks(procedure: Procedure) -> Iterator[Problem]:
    """Yield clocks that never start, never stop, or may outlive the case."""
    deeds = procedure.deeds.values()
    acts_of = [*(d.clocks for d in deeds), *(c.clocks for c in procedure.chains.values())]
    started = {c for acts in acts_of for c in acts.start}
    stopped = {c for acts in acts_of for c in acts.stop}
    for name, clock in procedure.clocks.items():
        if name not in started:
            yield _fault(procedure, "casework.clock_never_starts", "clock", name, clock=clock.label)
        elif name not in stopped:
            yield _fault(procedure, "casework.clock_never_stops", "clock", name, clock=clock.label)
    running = _may_run(procedure)
    for name, deed in procedure.deeds.items():
        left: set[str] = set()
        for state in deed.states:
            for target in procedure.targets(deed, state):
                if procedure.states[target].terminal:
                    acts = procedure.clocks_of(deed, to=target)
                    left |= (running[state] - set(acts.stop)) | set(acts.start)
        for clock_name in sorted(left):
            yield _fault(
                procedure,
                "casework.clock_left_running",
                "deed",
                name,
                deed=deed.label,
                clock=procedure.clocks[clock_name].label,
            )
        for clock_name in deed.clocks.start:
            until = procedure.clocks[clock_name].until
            dated = {f.name for f in deed.fields if f.kind == "date" and f.required}
            if until and until not in dated:
                yield _fault(
                    procedure,
                    "casework.until_not_asked",
                    "deed",
                    name,
                    deed=deed.label,
                    clock=clock_name,
                    field=until,
                )


def _unclocked(procedure: Procedure) -> Iterator[Problem]:
    """Yield the open states a case can reach with no clock running, and no reason given for it.

    Walked with the set of clocks that run: guards are not read, so a way they forbid counts too.
    """
    first = (procedure.initial, frozenset[str]())
    seen, edge = {first}, [first]
    while edge:
        state, running = edge.pop()
        for deed in procedure.deeds.values():
            for target in procedure.targets(deed, state) if state in deed.states else ():
                acts = procedure.clocks_of(deed, to=target)
                after = (target, (running - set(acts.stop)) | frozenset(acts.start))
                if after not in seen:
                    seen.add(after)
                    edge.append(after)
    bare = {state for state, running in seen if not running}
    for name, row in procedure.states.items():
        if name in bare and not row.terminal and not row.unclocked.strip():
            yield _fault(procedure, "casework.no_clock", "state", name, state=row.label)


def _may_run(procedure: Procedure) -> dict[str, set[str]]:
    """Return, per state, the clocks that may be running there (least fixed point)."""
    running: dict[str, set[str]] = {name: set() for name in procedure.states}
    changed = True
    while changed:
        changed = False
        for deed in procedure.deeds.values():
            for state in deed.states:
                for target in procedure.targets(deed, state):
                    acts = procedure.clocks_of(deed, to=target)
                    after = (running[state] - set(acts.stop)) | set(acts.start)
                    if not after <= running[target]:
                        running[target] |= after
                        changed = True
    return running


def _chains(procedure: Procedure) -> Iterator[Problem]:
    """Yield deeds that are half a chain, and states where a chain has two passes or two returns."""
    seen: dict[tuple[str, str, str], Deed] = {}
    for name, deed in procedure.deeds.items():
        half = (deed.chain is None) != (deed.verdict is None)
        doubled = deed.chain is not None and (deed.to or deed.roles)
        empty = deed.chain is None and not (deed.to and deed.roles)
        if half or doubled or empty or not deed.states:
            yield _fault(procedure, "casework.chain_mismatch", "deed", name, deed=deed.label)
            continue
        if deed.chain is None or deed.verdict is None:
            continue
        for state in deed.states:
            key = (state, deed.chain, deed.verdict)
            if key in seen:
                yield _fault(
                    procedure,
                    "casework.ambiguous_chain",
                    "deed",
                    name,
                    state=procedure.states[state].label,
                    chain=deed.chain,
                    verdict=deed.verdict,
                )
            seen[key] = deed


def _people(procedure: Procedure) -> Iterator[Problem]:
    """Yield deeds given to one of the three administrators."""
    for name, deed in procedure.deeds.items():
        for role in procedure.roles_of(deed):
            if not ROLES[role].acts:
                yield _fault(
                    procedure,
                    "casework.admin_deed",
                    "deed",
                    name,
                    deed=deed.label,
                    role=ROLES[role].label,
                )


def _strike_off(procedure: Procedure) -> Iterator[Problem]:
    """Yield a fault if no deed strikes off, or one does so without evidence."""
    strikes = {n: d for n, d in procedure.deeds.items() if d.strike_off}
    for name, deed in strikes.items():
        if not deed.evidence:
            yield _fault(procedure, "casework.no_strike_off", "deed", name, deed=deed.label)
    if not strikes:
        yield Refusal(
            "casework.no_strike_off", source=procedure.source, line=1, path="deed", deed="—"
        )
