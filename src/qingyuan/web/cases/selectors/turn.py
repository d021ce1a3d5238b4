"""Whose turn it is (该谁办): read from the procedures, so that lists and counts agree with buttons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from qingyuan import casework
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case, CasePart, ProcedureVersion, SignOff
from qingyuan.web.cases.selectors.facts import actor_of

__all__ = ["is_onward", "my_turn", "next_roles"]

_SHARES = ("sign_part", "report_part")


def is_onward(rules: casework.Procedure, deed: casework.Deed, state: str) -> bool:
    """Whether *deed* is the next step from *state*: no return, reassignment or false alarm."""
    if deed.chain is not None:
        return deed.verdict == "pass"
    (to,) = rules.targets(deed, state)
    assign = casework.Ledger.ASSIGN
    back = rules.states[to].ledger is assign and rules.states[state].ledger is not assign
    given_up = rules.states[to].terminal and not deed.strike_off
    return to != state and not back and not given_up and not rules.states[state].terminal


def next_roles(rules: casework.Procedure, *, state: str, signed: int) -> tuple[str, ...]:
    """Return the roles that can move a case onward from *state*, with *signed* signatures given."""
    roles: dict[str, None] = {}
    for deed in rules.deeds.values():
        if state not in deed.states or not is_onward(rules, deed, state):
            continue
        if deed.chain is not None:
            steps = rules.chains[deed.chain].steps
            roles[steps[min(signed, len(steps) - 1)][0]] = None
        else:
            roles |= dict.fromkeys(deed.roles)
    return tuple(roles)


def _steps(rules: casework.Procedure, roles: frozenset[str]) -> Iterator[tuple[str, str | int]]:
    """Yield the states in which a case waits for somebody of *roles*, and under which condition."""
    for deed in rules.deeds.values():
        shares = "part_unit" in deed.ties and any(e.name in _SHARES for e in deed.effects)
        for state in deed.states:
            if shares and roles & set(deed.roles):
                yield state, "part"
            if not is_onward(rules, deed, state):
                continue
            if deed.chain is not None:
                for n, (role, _) in enumerate(rules.chains[deed.chain].steps):
                    if role in roles:
                        yield state, n
            elif roles & set(deed.roles):
                if {"responsible_unit", "responsible_person"} & set(deed.ties):
                    yield state, "own"
                elif deed.not_by:
                    yield state, "other"
                elif not deed.ties:
                    yield state, "any"


def _waiting(actor: casework.Actor, user: User) -> Q:
    """Return what waits for *user*: for each procedure its states, gathered by condition."""
    roles = actor.roles
    # 协办：本单位的份额尚未反馈 / a joint unit's part that was not reported on yet
    open_parts = CasePart.objects.filter(
        case=OuterRef("pk"),
        round=OuterRef("round"),
        ended_at=None,
        role=CasePart.Role.CO,
        state__in=[CasePart.State.GIVEN, CasePart.State.SIGNED],
        unit__code__in=sorted(actor.units),
    )
    conditions = {
        "own": Q(person=user),
        "other": ~Q(person=user),
        "any": Q(),
        "part": Q(Exists(open_parts)),
    }
    shipped = casework.shipped()
    versions: dict[str, list[int]] = {}
    for pk, name in ProcedureVersion.objects.values_list("pk", "name"):
        versions.setdefault(name, []).append(pk)
    mine = Q(pk__in=[])
    for name, keys in versions.items():
        gathered: dict[str | int, set[str]] = {}
        for state, when in _steps(shipped[name], roles) if name in shipped else ():
            gathered.setdefault(when, set()).add(state)
        for when, states in gathered.items():
            here = Q(procedure__in=keys, state__in=sorted(states))
            if isinstance(when, int):
                mine |= here & Q(signed=when)
            else:
                mine |= here & conditions[when]
    return mine


def my_turn(found: QuerySet[Case], *, user: User, at: datetime) -> QuerySet[Case]:
    """Narrow to the cases whose next step is this very person's (等我办)."""
    mine = _waiting(actor_of(user, at=at), user)
    standing = SignOff.objects.filter(case=OuterRef("pk"), round=OuterRef("round"), cleared_at=None)
    counted = standing.order_by().values("case").annotate(n=Count("pk")).values("n")
    # counted only where a chain's state asks for it: a subquery, not a join over every case
    turned = found.alias(signed=Coalesce(Subquery(counted), 0))
    return turned.filter(mine, closed_at=None)
