"""Tell those concerned (通知), in the deed's own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.effects.results import give_result
from qingyuan.web.cases.models import Case, CasePart
from qingyuan.web.notices import services as notices

__all__ = ["COORDINATORS", "audience", "coordinators", "notify", "tell"]

COORDINATORS = ("duty_officer", "department_head")


def notify(doing: Doing, params: Mapping[str, str]) -> None:
    """Send a message to the audience the procedure names, never to who did the deed."""
    to = params["to"]
    if to == "discoverer":
        give_result(doing.case, at=doing.at)
    people = [p for p in audience(doing.case, to, at=doing.at) if p.pk != doing.by.pk]
    label = doing.case.rules.deeds[doing.step.deed].label
    tell(doing.case, people, kind="case", deed=(label.zh, label.en), at=doing.at)


def tell(
    case: Case,
    people: Iterable[User],
    *,
    kind: str,
    deed: tuple[str, str],
    at: datetime,
    apart: bool = False,
) -> int:
    """Put one message per person into their inboxes; enterprises get their own address.

    The same deed on many cases at one moment is one message with their number, unless *apart*: what
    it says already speaks of many.
    """
    listed = list({p.pk: p for p in people}.values())
    state = case.rules.states[case.state].label
    sent = 0
    for enterprise in (False, True):
        group = [p for p in listed if bool(p.enterprise_code) is enterprise]
        if not group:
            continue
        route = "my-case" if enterprise else "case"
        what = casework.Label(case.title, case.title)
        if not enterprise:  # what leaves the house: number, kind and district, never the title
            kind_of, place = case.rules.label, case.district
            what = casework.Label(
                f"{case.number} {kind_of.zh}（{place.name_zh}）",
                f"{case.number} {kind_of.en} ({place.name_en or place.name_zh})",
            )
            if not apart:
                joined = _joined(case, group, kind=kind, deed=deed, at=at)
                group = [p for p in group if p.pk not in joined]
                sent += len(joined)
        sent += notices.notify(
            group,
            kind=kind,
            title=f"{deed[0]}：{what.zh}",
            title_en=f"{deed[1]}: {what.en}",
            body=case.number if enterprise else f"{case.title}，{state.zh}",
            body_en=case.number if enterprise else f"{case.title}, {state.en}",
            url=reverse(route, args=[case.number]),
            at=at,
            urgent=case.level == 1,
        )
    return sent


def _joined(
    case: Case, people: list[User], *, kind: str, deed: tuple[str, str], at: datetime
) -> frozenset[int]:
    """Let the message join the one of the same batch: one a reader, with the number and the ledger."""
    kind_of = case.rules.label
    asked = {"ledger": "all", "procedure": case.procedure.name}
    if case.deeds.count() > 1:
        asked["state"] = case.state
    elif case.origin_ref.startswith("batch:"):
        asked["origin_ref"] = case.origin_ref
    else:
        asked["opened"] = city_date(at).isoformat()
    url = f"{reverse('ledger')}?{urlencode(asked)}"
    return notices.fold(
        people,
        kind=kind,
        at=at,
        starts=f"{deed[0]}：",
        of=kind_of.zh,
        message=lambda n: notices.Message(
            f"{deed[0]}：{n} 件{kind_of.zh}", f"{deed[1]}: {n} × {kind_of.en}", url
        ),
    )


def coordinators(district: str, *, at: datetime) -> list[User]:
    """Return who hands out the cases of a district (值班员、综合组)."""
    return [
        user
        for role in COORDINATORS
        for user in accounts.holders_of(role, on=city_date(at), district=district)
    ]


def audience(case: Case, to: str, *, at: datetime) -> list[User]:
    """Return the people an audience's name stands for, on the day of the deed."""
    day = city_date(at)
    if to == "responsible":
        return [case.person] if case.person else []
    if to in ("co", "watch"):
        role = CasePart.Role(to)
        parts = case.parts.filter(ended_at=None, role=role).select_related("person__unit")
        return [part.person for part in parts.order_by("pk")]
    if to == "coordinator":
        return coordinators(case.district_id, at=at)
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
