"""Whose turn it is (该谁办): read from the procedures, so that lists and counts agree with buttons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from qingyuan import casework
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.facts import actor_of

__all__ = ["is_onward", "my_turn", "next_roles"]


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


def _steps(rules: casework.Procedure, roles: frozenset[str], user: User) -> Iterator[Q]:
    """Yield what waits for *user* in one procedure, state by state."""
    for deed in rules.deeds.values():
        for state in deed.states:
            if not is_onward(rules, deed, state):
                continue
            here = Q(procedure__name=rules.name, state=state)
            if deed.chain is not None:
                for n, (role, _) in enumerate(rules.chains[deed.chain].steps):
                    if role in roles:
                        yield here & Q(signed=n)
            elif roles & set(deed.roles):
                if {"responsible_unit", "responsible_person"} & set(deed.ties):
                    yield here & Q(person=user)
                elif deed.not_by:
                    yield here & ~Q(person=user)
                elif not deed.ties:
                    yield here


def my_turn(found: QuerySet[Case], *, user: User, at: datetime) -> QuerySet[Case]:
    """Narrow to the cases whose next step is this very person's (等我办)."""
    roles = actor_of(user, at=at).roles
    mine = Q(pk__in=[])
    for rules in casework.shipped().values():
        for step in _steps(rules, roles, user):
            mine |= step
    standing = Q(signoffs__cleared_at=None, signoffs__round=F("round"))
    turned = Case.objects.annotate(signed=Count("signoffs", filter=standing)).filter(mine)
    return found.filter(pk__in=turned.values("pk"))
