"""The workbench's figures and the search, each from the room that owns the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.bulletins.selectors import bulletins_for
from qingyuan.web.cases import selectors as cases
from qingyuan.web.notices import selectors as notices
from qingyuan.web.registry import selectors as registry
from qingyuan.web.signals import selectors as signals

__all__ = ["Found", "Group", "search", "workbench"]

_EACH = 6


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: what it is called, more about it, its page."""

    name: str
    more: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    label: str
    found: list[Found]


def workbench(user: User, scope: Scope, *, at: datetime, english: bool) -> dict[str, object]:
    """Return everything the workbench shows (工作台).

    Returns
    -------
    dict
        ``counts`` (assign, handle, late, soon, …), ``mine`` (cases whose next step is mine, by deadline), ``alarms``
        (latest waiting), ``notices`` (unread), ``bulletin`` (newest).
    """
    desk = cases.desk(user, scope, at=at)
    waiting = signals.in_state(signals.signals(scope), "waiting")
    return {
        "counts": cases.day_counts(scope, at=at),
        "mine": desk.mine,
        "late": desk.late,
        "recent": desk.recent,
        "alarms": signals.rows(waiting[:8], at=at, english=english),
        "unacknowledged": signals.waiting_count(user, at=at),
        "notices": notices.inbox(user, unread=True)[:8],
        "unread": notices.unread_count(user),
        "bulletin": bulletins_for(scope).filter(kind="daily").first(),
    }


def search(scope: Scope, text: str, *, at: datetime) -> list[Group]:
    """Return what a person may see whose name, code or pinyin holds *text* (搜索)."""
    groups = [
        Group(
            pgettext("plural", "断面"),
            [
                _place("section", s)
                for s in registry.matching(registry.sections(scope), text)[:_EACH]
            ],
        ),
        Group(pgettext("plural", "案件"), _cases(scope, text, at=at)),
        Group(
            pgettext("plural", "企业"),
            [
                _place("enterprise", e)
                for e in registry.matching(registry.enterprises(scope), text)[:_EACH]
            ],
        ),
        Group(
            pgettext("plural", "排污口"),
            [
                _place("outfall", o)
                for o in registry.matching(registry.outfalls(scope), text)[:_EACH]
            ],
        ),
    ]
    if scope.staff:
        people = accounts.people_visible(scope, text=text)[:_EACH]
        groups.append(
            Group(
                _("人员"),
                [
                    Found(
                        p.name,
                        f"{p.unit.name_zh} {p.title}",
                        f"{reverse('ledger')}?ledger=all&person={p.username}",
                    )
                    for p in people
                ],
            )
        )
    return [group for group in groups if group.found]


def _place(route: str, thing: object) -> Found:
    return Found(thing.name, thing.district.name, reverse(route, args=[thing.code]))


def _cases(scope: Scope, text: str, *, at: datetime) -> list[Found]:
    found = cases.narrowed(cases.cases(scope), at=at, text=text)[:_EACH]
    return [Found(c.title, c.number, reverse("case", args=[c.number])) for c in found]
