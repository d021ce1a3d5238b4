"""Guards and ties (条件与关系): named, pure, one line each.

A *guard* asks the case's facts whether a deed makes sense now; a *tie* asks whether the actor is
bound to the case as the deed wants. A procedure names them; it cannot write expressions.
A guard written ``mark:WORD`` or ``not:WORD`` asks for a word of the table of marks.
Each has its sentence in ``messages.toml`` as ``casework.guard_<name>`` / ``casework.tie_<name>``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from qingyuan.casework.facts import Actor, Facts, Part
from qingyuan.casework.model import Deed, Label, Policy, Procedure
from qingyuan.casework.problems import Refusal
from qingyuan.casework.tables import MARKS

__all__ = ["GUARDS", "TIES", "guarded", "is_known", "mark_of", "parts_reported"]


def parts_reported(parts: tuple[Part, ...], policy: Policy) -> bool:
    """Whether the units' reports suffice (协办反馈齐备); watchers and returned parts do not count.

    A case without parts has nobody to wait for.
    """
    told = {"lead": [p.state == "reported" for p in parts if p.role == "lead"]}
    told["all"] = [p.state == "reported" for p in parts if p.is_open or p.state == "reported"]
    if policy == "any":
        return not told["all"] or any(told["all"])
    return all(told[policy])


GUARDS: Mapping[str, Callable[[Facts, Policy], bool]] = MappingProxyType(
    {
        "has_enterprise": lambda facts, _: facts.enterprise is not None,
        "no_enterprise": lambda facts, _: facts.enterprise is None,
        "has_problems": lambda facts, _: facts.problems > 0,
        "no_problems": lambda facts, _: facts.problems == 0,
        "problems_settled": lambda facts, _: facts.problems_open == 0,
        "extension_asked": lambda facts, _: facts.extension_asked is not None,
        "no_extension_asked": lambda facts, _: facts.extension_asked is None,
        "clocks_running": lambda facts, _: "paused" not in facts.clocks.values(),
        "assigned": lambda facts, _: facts.person is not None,
        "has_parts": lambda facts, _: any(p.role == "co" and p.is_open for p in facts.parts),
        "parts_reported": lambda facts, policy: parts_reported(facts.parts, policy),
    }
)

TIES: Mapping[str, Callable[[Facts, Actor], bool]] = MappingProxyType(
    {
        "responsible_unit": lambda facts, actor: (
            facts.unit is not None and facts.unit in actor.units
        ),
        "responsible_person": lambda facts, actor: facts.person == actor.id,
        "the_enterprise": lambda facts, actor: (
            facts.enterprise is not None and facts.enterprise == actor.enterprise
        ),
        "part_unit": lambda facts, actor: any(
            part.is_open and part.unit in actor.units for part in facts.parts
        ),
    }
)


def mark_of(guard: str) -> tuple[str, bool] | None:
    """Return the word a ``mark:``/``not:`` guard asks about and whether it must be true."""
    kind, colon, word = guard.partition(":")
    return (word, kind == "mark") if colon and kind in ("mark", "not") else None


def is_known(guard: str) -> bool:
    """Whether *guard* names a condition of this house or a word of the table of marks."""
    asked = mark_of(guard)
    return guard in GUARDS if asked is None else asked[0] in MARKS


def guarded(procedure: Procedure, deed: Deed, facts: Facts) -> Refusal | None:
    """Return why a guard of *deed* forbids it now, or None.

    A deed that itself reports (effect ``report_part``) counts as the report of the lead.
    """
    parts = facts.parts
    if any(effect.name == "report_part" for effect in deed.effects):
        parts = tuple(replace(p, state="reported") if p.role == "lead" else p for p in parts)
    for guard in deed.guards:
        asked = mark_of(guard)
        if asked is None:
            if not GUARDS[guard](replace(facts, parts=parts), procedure.policy):
                return Refusal(f"casework.guard_{guard}", deed=deed.label)
            continue
        word, wanted = asked
        if (word in facts.marks) != wanted:
            row = MARKS.get(word)
            said = (row.lacking if wanted else row.standing) if row else Label(word, word)
            code = "casework.mark_lacking" if wanted else "casework.mark_stands"
            return Refusal(code, deed=deed.label, sentence=said)
    return None
