"""Facts of a case, and who acts on it (案情与办理人): plain values handed to the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = ["Actor", "ClockState", "Facts", "Part"]

ClockState = Literal["running", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wants to act (办理人): roles, the units he or she belongs to, the enterprise spoken for."""

    id: str
    roles: frozenset[str]
    units: frozenset[str] = frozenset()
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One unit's share in a case (主办、协办、督办): its role and how far it has come."""

    unit: str
    role: Literal["lead", "co", "watch"]
    state: Literal["given", "signed", "reported", "returned"] = "given"

    @property
    def is_open(self) -> bool:
        """Whether the unit still has to handle: a watcher (督办) never handles."""
        return self.role != "watch" and self.state in ("given", "signed")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case at the moment of a deed (案情).

    ``done_by``, ``evidence``, ``signers`` and ``problems`` are of the present round only; ``given``
    are the values of the deed's fields; ``evidence`` holds the kinds filed, the ones handed in with
    the deed included. ``extension_asked`` is the number of units asked for and not yet answered.
    ``parts`` are the units' shares of the present round; ``marks`` the words that are true of the
    case (`tables` lists them), as the apps that know them report.
    """

    state: str
    round: int = 1
    unit: str | None = None
    person: str | None = None
    enterprise: str | None = None
    given: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    evidence: frozenset[str] = frozenset()
    done_by: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    signers: tuple[str, ...] = ()
    problems: int = 0
    problems_open: int = 0
    clocks: Mapping[str, ClockState] = field(default_factory=lambda: MappingProxyType({}))
    extension_asked: int | None = None
    parts: tuple[Part, ...] = ()
    marks: frozenset[str] = frozenset()
