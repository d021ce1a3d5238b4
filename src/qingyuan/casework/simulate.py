"""Play deeds over a procedure without a platform (推演): dry runs, examples and properties.

The case here is only `Facts` and its clocks. Effects change the facts as the platform would:
an effect unknown here changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from qingyuan.casework.clocks import Clock, Extension, Pause
from qingyuan.casework.decide import ClockEffect, Step, decide
from qingyuan.casework.facts import Actor, ClockState, Facts, Part
from qingyuan.casework.model import Ledger, Phase, Procedure

__all__ = ["Moment", "Move", "advance", "begin", "play"]


@dataclass(frozen=True, slots=True)
class Move:
    """One deed to try (一步): who, when, with which values and evidence.

    ``marks`` are the words true of the case at that moment; the ones of before when None.
    """

    deed: str
    actor: Actor
    at: datetime
    given: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    evidence: frozenset[str] = frozenset()
    marks: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """The case after a deed (办后案情)."""

    facts: Facts
    clocks: Mapping[str, tuple[Clock, ...]]
    phase: Phase
    ledger: Ledger
    step: Step | None = None


def begin(procedure: Procedure, *, enterprise: str | None = None) -> Moment:
    """Return a case just registered."""
    facts = Facts(state=procedure.initial, enterprise=enterprise)
    state = procedure.states[procedure.initial]
    return Moment(facts, MappingProxyType({}), state.phase, state.ledger)


def advance(procedure: Procedure, moment: Moment, move: Move) -> Moment:
    """Do one deed, raising the `Problem` that forbids it."""
    facts = replace(
        moment.facts,
        given=MappingProxyType(dict(move.given)),
        evidence=moment.facts.evidence | move.evidence,
        marks=moment.facts.marks if move.marks is None else move.marks,
    )
    step = decide(procedure, deed=move.deed, facts=facts, actor=move.actor, at=move.at)
    clocks = dict(moment.clocks)
    for effect in step.clocks:
        clocks[effect.clock] = _turn(procedure, clocks.get(effect.clock, ()), effect, move.at)
    after = replace(
        _affected(procedure, facts, step, move),
        state=step.to,
        given=MappingProxyType({}),
        clocks=MappingProxyType({name: _condition(rows[-1]) for name, rows in clocks.items()}),
    )
    state = procedure.states[step.to]
    return Moment(after, MappingProxyType(clocks), state.phase, state.ledger, step)


def play(
    procedure: Procedure, moves: Iterable[Move], *, enterprise: str | None = None
) -> list[Moment]:
    """Play *moves* from the beginning; stops at the first refusal by raising it."""
    moments = [begin(procedure, enterprise=enterprise)]
    for move in moves:
        moments.append(advance(procedure, moments[-1], move))
    return moments


def _affected(procedure: Procedure, facts: Facts, step: Step, move: Move) -> Facts:
    done = dict(facts.done_by)
    done[step.deed] = done.get(step.deed, frozenset()) | {move.actor.id}
    facts = replace(facts, done_by=MappingProxyType(done))
    for effect in step.effects:
        facts = _affect(effect.name, facts, move)
    return facts


def _affect(name: str, facts: Facts, move: Move) -> Facts:
    given = move.given
    match name:
        case "assign_responsible":
            lead = Part(str(given["unit"]), "lead")
            parts = (lead, *(p for p in facts.parts if p.role != "lead"))
            return replace(facts, unit=lead.unit, person=str(given["person"]), parts=parts)
        case "link_enterprise":
            return replace(facts, enterprise=str(given["enterprise"]))
        case "release_responsible":
            parts = tuple(p for p in facts.parts if p.role != "lead")
            return replace(facts, unit=None, person=None, parts=parts)
        case "list_problems":
            listed = given["problems"]
            count = len(listed) if isinstance(listed, Sequence) else 1
            return replace(
                facts, problems=facts.problems + count, problems_open=facts.problems_open + count
            )
        case "settle_problems":
            return replace(facts, problems_open=0)
        case "reopen_problems":
            return replace(facts, problems_open=facts.problems)
        case "record_signoff":
            return replace(facts, signers=(*facts.signers, move.actor.id))
        case "clear_signoffs":
            return replace(facts, signers=())
        case "ask_extension":
            asked = given["extend_days"]
            return replace(facts, extension_asked=asked if isinstance(asked, int) else None)
        case "settle_extension":
            return replace(facts, extension_asked=None)
        case "add_parts":
            units = given.get("co_units")
            listed = units if isinstance(units, Sequence) else ()
            return replace(facts, parts=(*facts.parts, *(Part(u, "co") for u in listed)))
        case "sign_part" | "report_part" | "return_part":
            return replace(facts, parts=_taken(name, facts.parts, move.actor))
        case "new_round":
            return Facts(
                state=facts.state,
                round=facts.round + 1,
                enterprise=facts.enterprise,
                clocks=facts.clocks,
                marks=facts.marks,
            )
    return facts


def _taken(name: str, parts: tuple[Part, ...], actor: Actor) -> tuple[Part, ...]:
    """Move on the open parts of the actor's units."""
    became: Mapping[str, Literal["signed", "reported", "returned"]] = {
        "sign_part": "signed",
        "report_part": "reported",
        "return_part": "returned",
    }
    return tuple(
        replace(p, state=became[name]) if p.is_open and p.unit in actor.units else p for p in parts
    )


def _turn(
    procedure: Procedure, rows: tuple[Clock, ...], effect: ClockEffect, at: datetime
) -> tuple[Clock, ...]:
    if effect.action == "start":
        rule = procedure.clocks[effect.clock]
        return (*rows, Clock(start=at, unit=rule.unit, length=rule.length, until=effect.until))
    last = rows[-1]
    if effect.action == "stop":
        last = replace(last, stopped=at, pauses=_lifted(last, at))
    elif effect.action == "pause":
        last = replace(last, pauses=(*last.pauses, Pause(at)))
    elif effect.action == "resume":
        last = replace(last, pauses=_lifted(last, at))
    elif effect.amount:
        last = replace(last, extensions=(*last.extensions, Extension(effect.amount)))
    return (*rows[:-1], last)


def _lifted(clock: Clock, at: datetime) -> tuple[Pause, ...]:
    return tuple(replace(p, end=at) if p.end is None else p for p in clock.pauses)


def _condition(clock: Clock) -> ClockState:
    if clock.stopped is not None:
        return "stopped"
    return "paused" if clock.is_paused else "running"
