"""The interpreter (裁决): may this deed be done, what follows from it, and what is still missing.

One rule gives three answers: `decide` raises a sentence, `legal_deeds` lists the buttons, `missing`
is the checklist for 销号. Nothing here knows a database; the caller writes what the `Step` says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from qingyuan.casework.facts import Actor, Facts
from qingyuan.casework.guards import TIES, guarded
from qingyuan.casework.model import (
    STAY,
    Deed,
    Effect,
    Label,
    Procedure,
    Requirement,
)
from qingyuan.casework.problems import Refusal, joined
from qingyuan.casework.tables import ROLES
from qingyuan.casework.values import check_values
from qingyuan.core.problems import Problem

__all__ = [
    "Actor",
    "ClockEffect",
    "Facts",
    "Need",
    "Step",
    "decide",
    "legal_deeds",
    "missing",
    "why_not",
]


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """What happens to one clock (计时变化); ``until`` for a dated one, ``amount`` for an extension."""

    action: Literal["start", "stop", "pause", "resume", "extend"]
    clock: str
    until: date | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a lawful deed leads to (裁决结果)."""

    deed: str
    to: str
    effects: tuple[Effect, ...]
    clocks: tuple[ClockEffect, ...]
    clause: str
    strike_off: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the checklist (销号清单的一行): what it is, and whether the case has it."""

    name: str
    label: Label
    met: bool


def _current(procedure: Procedure, deed: Deed, facts: Facts) -> tuple[tuple[str, ...], str]:
    """Return who may do *deed* now and where it leads, reading its chain if it has one."""
    if deed.chain is None:
        return deed.roles, facts.state if deed.to == STAY else deed.to
    chain = procedure.chains[deed.chain]
    at = min(len(facts.signers), len(chain.steps) - 1)
    role = (chain.steps[at][0],)
    if deed.verdict == "return":
        return role, chain.returned_to
    return role, chain.passed_to if at == len(chain.steps) - 1 else facts.state


def why_not(
    procedure: Procedure, deed: Deed, *, facts: Facts, actor: Actor | None
) -> Problem | None:
    """Return why *deed* may not even be begun (为何不能办): state, role, tie, other person, guard.

    Without an *actor* only the case is asked, as for somebody fit for it.
    """
    state = procedure.states[facts.state]
    if facts.state not in deed.states:
        return Refusal(
            "casework.not_now",
            deed=deed.label,
            state=state.label,
        )
    if actor is not None and (problem := _unfit(procedure, deed, facts, actor)):
        return problem
    return guarded(procedure, deed, facts) or _idle_clock(procedure, deed, facts)


def _unfit(procedure: Procedure, deed: Deed, facts: Facts, actor: Actor) -> Problem | None:
    """Return why *actor* is not the person for *deed*."""
    roles, _ = _current(procedure, deed, facts)
    names = {"deed": deed.label}
    if not actor.roles & set(roles):
        labels = [ROLES[r].label if r in ROLES else Label(r, r) for r in roles]
        return Refusal("casework.not_your_role", roles=joined(labels), **names)
    for tie in deed.ties:
        if not TIES[tie](facts, actor):
            return Refusal(f"casework.tie_{tie}", **names)
    for earlier in deed.not_by:
        if actor.id in facts.done_by.get(earlier, ()):
            done = procedure.deeds[earlier].label
            return Refusal("casework.same_person", earlier=done, **names)
    if deed.chain is not None and deed.verdict == "pass" and actor.id in facts.signers:
        return Refusal("casework.signed_already", **names)
    return None


def _idle_clock(procedure: Procedure, deed: Deed, facts: Facts) -> Problem | None:
    """Return a problem if the deed lives on clocks none of which is in the needed condition."""
    acts = deed.clocks
    for clocks, wanted, code in (
        (acts.pause, ("running",), "casework.no_clock_to_pause"),
        (acts.resume, ("paused",), "casework.no_clock_to_resume"),
        (acts.extend, ("running", "paused"), "casework.no_clock_to_extend"),
    ):
        if clocks and not any(facts.clocks.get(c) in wanted for c in clocks):
            return Refusal(code, clocks=joined(procedure.clocks[c].label for c in clocks))
    return None


def _lacks(deed: Deed, facts: Facts) -> list[Requirement]:
    return [need for need in deed.evidence if not _met(need, facts)]


def _met(need: Requirement, facts: Facts) -> bool:
    if facts.evidence & set(need.kinds):
        return True
    value = facts.given.get(need.or_field) if need.or_field else None
    return isinstance(value, str) and bool(value.strip())


def _label_of(procedure: Procedure, deed: Deed, need: Requirement) -> Label:
    zh = "或".join(procedure.evidence[k].zh for k in need.kinds)
    en = " or ".join(procedure.evidence[k].en for k in need.kinds)
    if need.or_field:
        field = next(f for f in deed.fields if f.name == need.or_field)
        return Label(f"{zh}（或填写{field.label.zh}）", f"{en} (or {field.label.en.lower()})")
    return Label(zh, en)


def _clock_effects(
    procedure: Procedure, deed: Deed, facts: Facts, to: str
) -> tuple[ClockEffect, ...]:
    acts = procedure.clocks_of(deed, to=to)
    found = [
        ClockEffect("stop", clock)
        for clock in dict.fromkeys((*acts.stop, *acts.start))
        if facts.clocks.get(clock) in ("running", "paused")
    ]
    for clock in acts.start:
        rule = procedure.clocks[clock]
        until = facts.given.get(rule.until) if rule.until else None
        found.append(ClockEffect("start", clock, until=until if isinstance(until, date) else None))
    found += [ClockEffect("pause", c) for c in acts.pause if facts.clocks.get(c) == "running"]
    found += [ClockEffect("resume", c) for c in acts.resume if facts.clocks.get(c) == "paused"]
    for clock in acts.extend:
        if facts.clocks.get(clock) in ("running", "paused"):
            found.append(ClockEffect("extend", clock, amount=facts.extension_asked))
    return tuple(found)


def _check_extension(procedure: Procedure, deed: Deed, facts: Facts) -> None:
    """Refuse an extension beyond what the clock's rule allows, when asked for and when granted."""
    asked = facts.given.get("extend_days", facts.extension_asked)
    for rule in procedure.clocks.values():
        named = rule.name in deed.clocks.extend or any(
            e.name == "ask_extension" and e.params.get("clock") == rule.name for e in deed.effects
        )
        if named and rule.extend_max and isinstance(asked, int) and asked > rule.extend_max:
            raise Refusal(
                "casework.extension_too_long",
                given=asked,
                most=rule.extend_max,
                clock=rule.label,
            )


def decide(procedure: Procedure, *, deed: str, facts: Facts, actor: Actor, at: datetime) -> Step:
    """Judge one deed (裁决一个动作).

    Parameters
    ----------
    procedure : Procedure
        The version the case was opened under.
    deed : str
        The deed's name.
    facts : Facts
        The case now, with the values and evidence handed in.
    actor : Actor
        Who wants to act.
    at : datetime
        The moment of the deed, aware.

    Returns
    -------
    Step
        Where the case goes, which effects and clock effects follow, under which clause.

    Raises
    ------
    Problem
        ``casework.unknown_deed``, ``not_now``, ``not_your_role``, ``tie_…``, ``same_person``,
        ``guard_…``, ``missing_field``, ``missing_evidence`` and their like; the sentence names
        what is missing.
    """
    rule = procedure.deeds.get(deed)
    if rule is None:
        raise Refusal(
            "casework.unknown_deed",
            given=deed,
            procedure=procedure.label,
            known=", ".join(procedure.deeds),
        )
    if problem := why_not(procedure, rule, facts=facts, actor=actor):
        raise problem
    check_values(rule.fields, facts.given, asked_by=rule.label, at=at)
    _check_extension(procedure, rule, facts)
    if lacks := _lacks(rule, facts):
        raise Refusal(
            "casework.missing_evidence",
            deed=rule.label,
            kinds=joined(_label_of(procedure, rule, need) for need in lacks),
            names=",".join(k for need in lacks for k in need.kinds),
        )
    _, to = _current(procedure, rule, facts)
    return Step(
        deed=deed,
        to=to,
        effects=rule.effects,
        clocks=_clock_effects(procedure, rule, facts, to),
        clause=rule.clause,
        strike_off=rule.strike_off,
    )


def legal_deeds(procedure: Procedure, *, facts: Facts, actor: Actor) -> tuple[Deed, ...]:
    """Return the deeds *actor* may begin now (现在可以做), fields and evidence still to be given."""
    return tuple(
        deed
        for deed in procedure.deeds.values()
        if why_not(procedure, deed, facts=facts, actor=actor) is None
    )


def missing(procedure: Procedure, *, facts: Facts) -> tuple[Need, ...]:
    """Return the checklist for 销号: evidence first, then the sign-offs (销号还缺).

    It speaks of the first strike-off deed; only once the case is in sign-off and the facts rule that
    one out does it speak of the one they fit. A case already closed has nothing left to list.
    """
    if procedure.states[facts.state].terminal:
        return ()
    now = replace(facts, given=MappingProxyType({}))
    strikes = [d for d in procedure.deeds.values() if d.strike_off]
    if not strikes:
        return ()
    fitting = [d for d in strikes if guarded(procedure, d, now) is None]
    deed = fitting[0] if fitting and _in_sign_off(procedure, facts.state) else strikes[0]
    needs = [
        Need("/".join(need.kinds), _label_of(procedure, deed, need), _met(need, now))
        for need in deed.evidence
    ]
    past_chain = {c.passed_to for c in procedure.chains.values()}
    for chain in procedure.chains.values():
        done = len(chain.steps) if facts.state in past_chain else len(facts.signers)
        needs += [
            Need(f"{chain.name}.{n}", label, n < done) for n, (_, label) in enumerate(chain.steps)
        ]
    return tuple(needs)


def _in_sign_off(procedure: Procedure, state: str) -> bool:
    """Whether the handling is over: a chain is being signed or has been."""
    chained = {s for d in procedure.deeds.values() if d.chain for s in d.states}
    return state in chained | {c.passed_to for c in procedure.chains.values()}
