"""What a procedure is made of (办案程序): states, deeds, clocks, sign-off chains, evidence.

Everything here is a frozen value read from a TOML file by `load`; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

__all__ = [
    "STAY",
    "Card",
    "Chain",
    "ClockActions",
    "ClockRule",
    "Column",
    "Deed",
    "Effect",
    "Field",
    "FieldKind",
    "Label",
    "Ledger",
    "Phase",
    "Policy",
    "Procedure",
    "Requirement",
    "State",
    "Unit",
    "Warn",
]

Unit = Literal["workday", "day", "hour", "month", "year"]
Card = Literal["yellow", "red", "slip", "notice"]
"""A warning: yellow card 黄牌, red card 红牌, then a supervision slip 督办单 and a notice 通报."""
Policy = Literal["all", "lead", "any"]
"""Whose report moves a case of several units on: all of them, the lead's, or any one's."""
FieldKind = Literal[
    "line",
    "text",
    "choice",
    "date",
    "day_time",
    "days",
    "number",
    "yes",
    "types",
    "unit",
    "units",
    "person",
    "enterprise",
    "problems",
]
STAY = "="
"""Written as ``to`` of a deed that leaves the case in its state."""


class Phase(StrEnum):
    """The three macro phases every case shows (发现 · 处理 · 反馈)."""

    DISCOVER = "discover"
    HANDLE = "handle"
    FEEDBACK = "feedback"

    @property
    def zh(self) -> str:
        """The Chinese word."""
        return {"discover": "发现", "handle": "处理", "feedback": "反馈"}[self.value]

    @property
    def en(self) -> str:
        """The English word."""
        return {"discover": "Discovery", "handle": "Handling", "feedback": "Feedback"}[self.value]


class Ledger(StrEnum):
    """The three ledgers a case moves through, one at a time (交办 · 办理 · 办结台账)."""

    ASSIGN = "assign"
    HANDLE = "handle"
    CONCLUDE = "conclude"

    @property
    def zh(self) -> str:
        """The Chinese word."""
        return {"assign": "交办", "handle": "办理", "conclude": "办结"}[self.value]

    @property
    def en(self) -> str:
        """The English word."""
        return {"assign": "Assigned", "handle": "In hand", "conclude": "Concluded"}[self.value]


@dataclass(frozen=True, slots=True)
class Label:
    """A name people read, in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can stand (环节); ``unclocked`` says why no clock need run there."""

    name: str
    label: Label
    phase: Phase
    ledger: Ledger
    terminal: bool = False
    unclocked: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One value a deed or the opening form asks for (填写项); ``kind`` says how it is asked.

    ``to_enterprise`` marks what the enterprise of the case may read; everything else is internal.
    ``past`` lets a date lie before the deed (a visit made, a letter received).
    """

    name: str
    kind: FieldKind
    label: Label
    required: bool = True
    choices: Mapping[str, Label] = field(default_factory=lambda: MappingProxyType({}))
    to_enterprise: bool = False
    past: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the procedure's ledger (台账列); ``public`` ones make the public table.

    ``source`` is a word of the column table, ``form.NAME`` or ``given.DEED.FIELD``.
    """

    name: str
    label: Label
    source: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """Evidence a deed needs (佐证): one of *kinds*, or the named field filled instead."""

    kinds: tuple[str, ...]
    or_field: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Something the platform does after the deed (动作), by name, with plain parameters."""

    name: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ClockActions:
    """What a deed does to the clocks of the case (计时动作)."""

    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    resume: tuple[str, ...] = ()
    extend: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warn:
    """One rung of a warning ladder (预警阶梯): ``at`` units before (−) or after (+) the due day."""

    at: int
    card: Card
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A time limit of the procedure (时限).

    Exactly one of ``length`` (counted in ``unit``) and ``until`` (a date field of the deed that
    starts the clock) is given. ``extend_max`` is the most one extension may add, in ``unit``.
    ``limit`` is the code of the typed time limit that length, unit and extension come from.
    """

    name: str
    label: Label
    unit: Unit
    length: int | None
    until: str | None
    extend_max: int | None
    warn: tuple[Warn, ...]
    clause: str
    mark: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """A sign-off chain (审签链): roles pass it in order; the last pass moves the case on.

    ``clocks`` are started and stopped by the last pass, beside what the deed itself does to clocks.
    """

    name: str
    steps: tuple[tuple[str, Label], ...]
    passed_to: str
    returned_to: str
    clocks: ClockActions = field(default_factory=ClockActions)


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing a person may do to a case (动作).

    ``ties`` say how the actor must be bound to the case, ``not_by`` names deeds whose doer of the
    same round may not do this one (复核须另一人), ``guards`` are facts that must hold. ``chain``
    makes the deed a pass or a return of a sign-off chain: role and target then come from the chain.
    ``strike_off`` marks the deeds that close the loop (销号) and feed the checklist. ``undo`` lets its
    doer take it back soon after; ``batch`` offers it for many cases at once.
    """

    name: str
    label: Label
    states: tuple[str, ...]
    to: str
    roles: tuple[str, ...]
    guards: tuple[str, ...]
    ties: tuple[str, ...]
    not_by: tuple[str, ...]
    fields: tuple[Field, ...]
    evidence: tuple[Requirement, ...]
    offers: tuple[str, ...]
    clocks: ClockActions
    effects: tuple[Effect, ...]
    clause: str
    mark: str = ""
    chain: str | None = None
    verdict: Literal["pass", "return"] | None = None
    strike_off: bool = False
    undo: bool = False
    batch: bool = False


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version of one procedure, as loaded (办案程序的一个版本).

    ``digest`` is the SHA-256 of the text it was read from; a case keeps name, version and digest.
    ``family`` is the app whose cases these are, ``policy`` whose report moves a case of several
    units on, ``form`` the opening form, ``columns`` the ledger's and the public table's.
    """

    name: str
    version: str
    label: Label
    initial: str
    numbering: str
    source: str
    clause: str
    digest: str
    roles: tuple[str, ...]
    family: str
    policy: Policy
    retention_years: int
    default_matter: str
    form: Mapping[str, Field]
    columns: Mapping[str, Column]
    states: Mapping[str, State]
    deeds: Mapping[str, Deed]
    clocks: Mapping[str, ClockRule]
    chains: Mapping[str, Chain]
    evidence: Mapping[str, Label]
    positions: Mapping[str, int] = field(repr=False, compare=False)

    def state(self, name: str) -> State:
        """Return the state called *name*."""
        return self.states[name]

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Every effect any deed declares."""
        return tuple(effect for deed in self.deeds.values() for effect in deed.effects)

    def targets(self, deed: Deed, state: str) -> tuple[str, ...]:
        """Return the states *deed* can lead to from *state*."""
        if deed.chain is None:
            return (state if deed.to == STAY else deed.to,)
        chain = self.chains[deed.chain]
        if deed.verdict == "return":
            return (chain.returned_to,)
        return (state, chain.passed_to) if len(chain.steps) > 1 else (chain.passed_to,)

    def clocks_of(self, deed: Deed, *, to: str) -> ClockActions:
        """Return what *deed* does to clocks when it leads *to*: with the last pass of a chain, more."""
        if deed.chain is None or deed.verdict != "pass":
            return deed.clocks
        chain = self.chains[deed.chain]
        if to != chain.passed_to:
            return deed.clocks
        ended = set(chain.clocks.stop)
        return replace(
            deed.clocks,
            start=(*(c for c in deed.clocks.start if c not in ended), *chain.clocks.start),
            stop=(*deed.clocks.stop, *chain.clocks.stop),
        )

    def roles_of(self, deed: Deed) -> tuple[str, ...]:
        """Return the roles that may ever do *deed* (for a chain: the roles of its steps)."""
        if deed.chain is None:
            return deed.roles
        return tuple(dict.fromkeys(role for role, _ in self.chains[deed.chain].steps))

    def states_of(self, ledger: Ledger) -> tuple[str, ...]:
        """Return the states that make up *ledger*."""
        return tuple(s.name for s in self.states.values() if s.ledger is ledger)
