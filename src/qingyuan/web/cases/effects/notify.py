"""Tell those concerned (通知), in the deed's own transaction; and give the result to the finder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.models import Case
from qingyuan.web.notices import services as notices

__all__ = ["audience", "notify", "on_result", "tell"]

COORDINATORS = ("duty_officer", "department_head")
Result = Callable[[Case, datetime], None]
_results: dict[str, Result] = {}


def on_result(origin_kind: str, tell_finder: Result) -> None:
    """Register who wants to know how cases of one kind of origin ended (结果反馈发现者, R003).

    The finder's own app registers itself; cases never import it.
    """
    _results[origin_kind] = tell_finder


def notify(doing: Doing, params: Mapping[str, str]) -> None:
    """Send a message to the audience the procedure names, never to who did the deed."""
    to = params["to"]
    if to == "discoverer" and doing.case.origin_kind in _results:
        _results[doing.case.origin_kind](doing.case, doing.at)
    people = [p for p in audience(doing.case, to, at=doing.at) if p.pk != doing.by.pk]
    label = doing.case.rules.deeds[doing.step.deed].label
    tell(doing.case, people, kind="case", deed=(label.zh, label.en), at=doing.at)


def tell(
    case: Case, people: Iterable[User], *, kind: str, deed: tuple[str, str], at: datetime
) -> int:
    """Put one message per person into their inboxes; enterprises get their own address."""
    listed = list({p.pk: p for p in people}.values())
    state = case.rules.states[case.state].label
    sent = 0
    for enterprise in (False, True):
        group = [p for p in listed if bool(p.enterprise_code) is enterprise]
        if not group:
            continue
        route = "my-case" if enterprise else "case"
        sent += notices.notify(
            group,
            kind=kind,
            title=f"{deed[0]}：{case.title}",
            title_en=f"{deed[1]}: {case.title}",
            body=case.number if enterprise else f"{case.number}，{state.zh}",
            body_en=case.number if enterprise else f"{case.number}, {state.en}",
            url=reverse(route, args=[case.number]),
            at=at,
        )
    return sent


def audience(case: Case, to: str, *, at: datetime) -> list[User]:
    """Return the people an audience's name stands for, on the day of the deed."""
    day = city_date(at)
    if to == "responsible":
        return [case.person] if case.person else []
    if to == "coordinator":
        return [
            u
            for role in COORDINATORS
            for u in accounts.holders_of(role, on=day, district=case.district_id)
        ]
    if to == "enterprise":
        pushed = case.enterprise_id and case.pushed_at
        return list(accounts.people_of_enterprise(case.enterprise_id)) if pushed else []
    if to == "discoverer":
        found = [case.opener] if case.opener else []
        return [*found, *accounts.holders_of("duty_officer", on=day, district=case.district_id)]
    if to == "next_signer":
        return _next_signers(case, day=day)
    return list(accounts.holders_of(to, on=day, district=case.district_id))


def _next_signers(case: Case, *, day: date) -> list[User]:
    """Return who signs next, or who strikes off once the chain is through."""
    signed = case.signoffs.filter(round=case.round, cleared_at=None).count()
    for chain in case.rules.chains.values():
        if case.state == chain.passed_to:
            strikes = [d for d in case.rules.deeds.values() if d.strike_off]
            roles = dict.fromkeys(r for d in strikes for r in d.roles)
            return [
                u for r in roles for u in accounts.holders_of(r, on=day, district=case.district_id)
            ]
        if signed < len(chain.steps):
            return accounts.holders_of(chain.steps[signed][0], on=day, district=case.district_id)
    return []
