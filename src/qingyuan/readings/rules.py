"""Rules (规则): the dated settings of intake, persistence, steps, silence, levels and validity."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem

__all__ = [
    "DeclineRule",
    "Persistence",
    "Recipient",
    "RuleSet",
    "SilenceRule",
    "StepRule",
    "UpstreamRule",
    "Validity",
    "read_rules",
    "rules_at",
]


@dataclass(frozen=True, slots=True)
class Persistence:
    """How often a value must be beyond before it counts (持续性): *needed* of the last *of*.

    Only samples of the last *within_s* seconds count together. An episode is over when *clear*
    samples in a row are inside again.
    """

    needed: int = 2
    of: int = 3
    clear: int = 3
    within_s: int = 86_400


@dataclass(frozen=True, slots=True)
class StepRule:
    """How far a value may jump (突变): median ± k · scale · MAD of one value an hour.

    The band is at least *floor_share* of the median to each side, so that a quiet series does not
    alarm on its last digit; with fewer than *at_least* hours nothing is judged. Hours of the day
    within *same_hour* of the one in question count alone when there are enough of them (0: never).
    """

    k: Decimal
    scale: Decimal
    floor_share: Decimal
    history_hours: int
    at_least: int
    same_hour: int = 0


@dataclass(frozen=True, slots=True)
class SilenceRule:
    """How long a station may be silent (静默): so many of its own intervals."""

    intervals: int
    at_least_s: int

    def allowed_s(self, interval_s: int) -> int:
        """Return the seconds without data that are still ordinary."""
        return max(self.intervals * interval_s, self.at_least_s)


@dataclass(frozen=True, slots=True)
class Validity:
    """When a mean counts (均值有效性): share of an hour, hours of a day."""

    hour_share: Decimal
    day_hours: int
    clause: str


@dataclass(frozen=True, slots=True)
class UpstreamRule:
    """How exactly a travel time is known (上下游对照): a share of it, and at least so many hours."""

    window_share: float = 0.35
    least_window_h: float = 2.0


@dataclass(frozen=True, slots=True)
class DeclineRule:
    """When a class that got worse is told, and how gravely (水质变差).

    ``worse_than`` is the class the new one must be worse than; ``cumulative_too`` asks the same of
    the year so far; ``target_missed`` that the year so far misses its target.
    """

    against: str
    classes: int
    level: int
    worse_than: str = ""
    cumulative_too: bool = False
    target_missed: bool = False
    document: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told of a kind of finding from a level on (预警对象); roles as the accounts name them."""

    kind: str
    level: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All settings in force together (规则集)."""

    id: str
    in_force_from: date
    in_force_to: date | None
    mark: str
    clock_ahead_s: int
    exceedance: Persistence
    lateness_s: int
    sources: frozenset[tuple[str, str]]
    step: StepRule
    step_persistence: Persistence
    silence: SilenceRule
    levels: tuple[tuple[Decimal, int], ...]
    validity: Validity
    upstream: UpstreamRule = UpstreamRule()
    declines: tuple[DeclineRule, ...] = ()
    recipients: tuple[Recipient, ...] = ()

    def roles_for(self, kind: str, level: int) -> tuple[str, ...]:
        """Return the roles to tell of a finding of *kind* and *level*, each once, in table order."""
        told = [
            role
            for row in self.recipients
            if row.kind in (kind, "*") and level >= row.level
            for role in row.roles
        ]
        return tuple(dict.fromkeys(told))

    def level_of(self, severity: Decimal) -> int:
        """Return the level of a multiple (or share) beyond the limit."""
        return max(level for start, level in self.levels if severity >= start)


def read_rules(text: str) -> RuleSet:
    """Return the rule set written in TOML *text*; a city may bring its own."""
    data = tomllib.loads(text)
    exceedance, step = data["exceedance"], data["step"]
    return RuleSet(
        id=data["id"],
        in_force_from=date.fromisoformat(data["in_force_from"]),
        in_force_to=date.fromisoformat(data["in_force_to"]) if data["in_force_to"] else None,
        mark=data["mark"],
        clock_ahead_s=data["intake"]["clock_ahead_s"],
        exceedance=_persistence(exceedance),
        lateness_s=exceedance["lateness_s"],
        sources=frozenset((cn, suffix) for cn, suffix in exceedance["sources"]),
        step=StepRule(
            k=Decimal(step["k"]),
            scale=Decimal(step["scale"]),
            floor_share=Decimal(step["floor_share"]),
            history_hours=step["history_hours"],
            at_least=step["at_least"],
            same_hour=step.get("same_hour", 0),
        ),
        step_persistence=_persistence(step),
        silence=SilenceRule(data["silence"]["intervals"], data["silence"]["at_least_s"]),
        levels=tuple((Decimal(row["from"]), row["level"]) for row in data["levels"]),
        validity=Validity(
            Decimal(data["validity"]["hour_share"]),
            data["validity"]["day_hours"],
            data["validity"]["clause"],
        ),
        # a city's set written before these tables has none of them
        upstream=UpstreamRule(**data.get("upstream", {})),
        declines=tuple(DeclineRule(**row) for row in data.get("declines", ())),
        recipients=tuple(
            Recipient(row["kind"], row["level"], tuple(row["roles"]))
            for row in data.get("recipients", ())
        ),
    )


@cache
def _shipped() -> tuple[RuleSet, ...]:
    folder = files(__package__).joinpath("tables")
    return tuple(
        read_rules(entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )


def rules_at(at: date) -> RuleSet:
    """Return the shipped rule set in force on the Beijing date *at*.

    Raises
    ------
    Problem
        ``readings.no_rules``.
    """
    day = city_date(at) if isinstance(at, datetime) else at
    for rules in _shipped():
        if rules.in_force_from <= day and (rules.in_force_to is None or day <= rules.in_force_to):
            return rules
    raise Problem("readings.no_rules", at=day)


def _persistence(row: dict[str, int]) -> Persistence:
    return Persistence(row["needed"], row["of"], row["clear"], row["within_s"])
