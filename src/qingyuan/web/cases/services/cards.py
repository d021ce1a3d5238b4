"""Send what a ladder says (黄牌、红牌、督办单、通报): each rung of a clock once per due date.

Nobody is flooded: who would get many of one card in one pass gets one message that counts them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from qingyuan import casework
from qingyuan.casework import clocks
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import city_date
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.cases.effects.notify import tell
from qingyuan.web.cases.models import CardSent, Case, CaseClock
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.cases.services.clocks import next_card
from qingyuan.web.notices import services as notices

__all__ = ["CARD_WORDS", "hear_cards", "send_cards"]

_log = logging.getLogger("qingyuan.cases")
CARD_WORDS = {
    "yellow": ("黄牌提醒", "Yellow card"),
    "red": ("红牌督办", "Red card"),
    "slip": ("督办单", "Supervision slip"),
    "notice": ("通报", "Public criticism"),
}
_CHUNK = 100
_FOLD = 3  # more of one card in one pass than this become one message
Hear = Callable[[Case, CaseClock, datetime], None]
_hearers: dict[str, list[Hear]] = {}


def hear_cards(card: str, function: Hear) -> None:
    """Let another app act when a rung of one kind is sent: a slip opens its own case (督办单).

    Called as ``function(case, clock, at)`` in the transaction that sends it; what it raises leaves
    the rung unsent, to be tried again.
    """
    known = _hearers.setdefault(card, [])
    if function not in known:
        known.append(function)


@dataclass
class _Post:
    """What one pass has to say to whom, kept until it is known how much it is."""

    letters: dict[tuple[int, str], list[tuple[Case, casework.Label]]] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)

    def add(self, person: User, card: str, case: Case, label: casework.Label) -> None:
        self.people[person.pk] = person
        waiting = self.letters.setdefault((person.pk, card), [])
        if all(told.pk != case.pk or said != label for told, said in waiting):
            waiting.append((case, label))

    def send(self, *, at: datetime) -> None:
        for (pk, card), letters in self.letters.items():
            person, (zh, en) = self.people[pk], CARD_WORDS[card]
            if len(letters) <= _FOLD:
                for case, label in letters:
                    said = (f"{zh}（{label.zh}）", f"{en} ({label.en})")
                    tell(case, [person], kind=f"card-{card}", deed=said, at=at, apart=True)
                continue
            theirs = (
                reverse("my-cases") if person.enterprise_code else f"{reverse('ledger')}?mine=1"
            )
            notices.notify(
                [person],
                kind=f"card-{card}",
                title=f"{zh}：{len(letters)} 件案件",
                title_en=f"{en}: {len(letters)} cases",
                body="、".join(case.number for case, _label in letters[:20]),
                body_en=", ".join(case.number for case, _label in letters[:20]),
                url=theirs,
                at=at,
            )


def send_cards(*, at: datetime) -> int:
    """Send every rung whose moment has come and that was not sent; return how many.

    Called again and again by the worker; a clock whose next rung is still to come is not read. A
    clock that cannot be sent is logged and tried again, and keeps no other waiting.
    """
    near = CaseClock.objects.filter(stopped_at=None, card_at__lte=at).order_by("pk")
    waiting = list(near.values_list("pk", flat=True))
    sent, failed = 0, None
    for start in range(0, len(waiting), _CHUNK):
        chunk = waiting[start : start + _CHUNK]
        try:
            sent += _send(chunk, at=at)
        except Exception as error:  # noqa: BLE001 -- found again one by one below, and raised at the end
            if len(chunk) == 1:
                failed = error
                continue
            for pk in chunk:
                try:
                    sent += _send([pk], at=at)
                except Exception as single:  # noqa: BLE001 -- as above
                    _log.warning("card_not_sent clock=%d problem=%r", pk, single)
                    failed = single
    if failed is not None:
        raise failed
    return sent


@transaction.atomic
def _send(pks: Sequence[int], *, at: datetime) -> int:
    """Send the rungs due of these clocks, passing over cases somebody works on this very moment."""
    of = CaseClock.objects.filter(pk__in=pks).values("case_id")
    held = Case.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=of)
    free = list(held.order_by("pk").values_list("pk", flat=True))
    rows = (
        CaseClock.objects.filter(pk__in=pks, case_id__in=free, stopped_at=None)
        .select_related(
            "part__person", "case__procedure", "case__district", "case__person", "case__sponsor"
        )
        .prefetch_related("pauses", "extensions", "cards")
        .order_by("case_id", "pk")
    )
    days, post, sent = calendar(), _Post(), 0
    for row in rows:
        sent += _climb(row, post, days=days, at=at)
        row.card_at = next_card(row.case, row, calendar=days)
        row.save(update_fields=["card_at"])
    post.send(at=at)
    return sent


def _climb(row: CaseClock, post: _Post, *, days: WorkCalendar, at: datetime) -> int:
    rule = row.case.rules.clocks.get(row.name)
    if rule is None or row.due_at is None:
        return 0
    held = {card.rung for card in row.cards.all() if card.due_at == row.due_at}
    record, sent = row.record(), 0
    for n, rung in enumerate(rule.warn):
        (moment,) = clocks.warnings(record, ladder=[rung], calendar=days) or (None,)
        if n in held or moment is None or at < moment.at:
            continue
        CardSent.objects.create(clock=row, rung=n, due_at=row.due_at, card=rung.card, at=at)
        for person in _to(row, rung.to, at=at):
            post.add(person, rung.card, row.case, rule.label)
        audit.record(
            actor=audit.SYSTEM,
            deed=f"cases.{rung.card}_card",
            target=row.case.ref,
            at=at,
            clause=rule.clause,
            detail={"clock": row.name, "due": row.due_at.isoformat()},
        )
        for hear in _hearers.get(rung.card, ()):
            hear(row.case, row, at)
        sent += 1
    return sent


def _to(row: CaseClock, roles: tuple[str, ...], *, at: datetime) -> Iterator[User]:
    """Yield the people a rung speaks to: the one responsible stands for the handling role."""
    case = row.case
    handler = row.part.person if row.part else case.person
    for role in roles:
        if role == "enterprise":
            if case.enterprise_id and case.pushed_at:
                yield from accounts.people_of_enterprise(case.enterprise_id)
        elif role == "district_officer" and handler:
            yield handler
        elif role == "vice_leader" and case.sponsor:
            yield case.sponsor
        else:
            yield from accounts.holders_of(role, on=city_date(at), district=case.district_id)
