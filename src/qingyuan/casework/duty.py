"""Can a case be in hand with nobody responsible, or leave people in doubt which deed is meant?

A part of the static checker (责任与歧义).
"""

from __future__ import annotations

from collections.abc import Iterator

from qingyuan.casework.model import Deed, Ledger, Procedure
from qingyuan.casework.problems import Refusal
from qingyuan.core.problems import Problem

__all__ = ["duties", "twins"]

_RELEASE = frozenset({"release_responsible", "new_round"})
_TIED = frozenset({"responsible_unit", "responsible_person"})


def _fault(procedure: Procedure, code: str, at: str, /, **values: object) -> Problem:
    path = f"deed[{list(procedure.deeds).index(at)}]"
    line = procedure.positions.get(path, 1)
    return Refusal(code, source=procedure.source, line=line, path=path, **values)


def duties(procedure: Procedure) -> Iterator[Problem]:
    """Yield each deed that brings a case nobody is responsible for into the handling ledger.

    Followed are the cases without a responsible person from the initial state on; a deed that
    assigns, that only the responsible may do, or that is guarded by ``assigned`` ends the trail. So
    does one that wants a mark: what a mark says only its app knows.
    Procedures that never assign (their units come as parts) are not asked.
    """
    if not any(e.name == "assign_responsible" for e in procedure.effects):
        return
    reached, edge = {procedure.initial}, [procedure.initial]
    faulty: dict[str, str] = {}
    for deed in procedure.deeds.values():  # what releases may begin anywhere the deed is possible
        if _RELEASE & {e.name for e in deed.effects}:
            for state in deed.states:
                for target in procedure.targets(deed, state):
                    if target not in reached:
                        reached.add(target)
                        edge.append(target)
    while edge:
        state = edge.pop()
        for name, deed in procedure.deeds.items():
            if state not in deed.states or _needs_somebody(deed):
                continue
            if any(e.name == "assign_responsible" for e in deed.effects):
                continue
            for target in procedure.targets(deed, state):
                row = procedure.states[target]
                if row.ledger is Ledger.HANDLE:
                    faulty.setdefault(name, target)
                elif target not in reached:
                    reached.add(target)
                    edge.append(target)
    for name, target in faulty.items():
        yield _fault(
            procedure,
            "casework.handled_by_nobody",
            name,
            deed=procedure.deeds[name].label,
            state=procedure.states[target].label,
        )


def _needs_somebody(deed: Deed) -> bool:
    vouched = any(g == "assigned" or g.startswith("mark:") for g in deed.guards)
    return vouched or bool(_TIED & set(deed.ties))


def twins(procedure: Procedure) -> Iterator[Problem]:
    """Yield deeds that look the same to one person in one state (同名动作); chains have their own."""
    seen: dict[tuple[str, str, str], str] = {}
    told: set[str] = set()
    for name, deed in procedure.deeds.items():
        for state in deed.states if deed.chain is None else ():
            for role in procedure.roles_of(deed):
                for word in {deed.label.zh, deed.label.en}:
                    other = seen.setdefault((state, role, word), name)
                    if other != name and name not in told:
                        told.add(name)
                        yield _fault(
                            procedure,
                            "casework.twin_deeds",
                            name,
                            deed=deed.label,
                            state=procedure.states[state].label,
                        )
