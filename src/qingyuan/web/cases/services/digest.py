"""One message a morning per person (每日提醒): what is late, what ends soon, what waits for a signature."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse

from qingyuan.core.periods import city_date, day_of, in_city
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.effects.notify import COORDINATORS
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.notices import services as notices
from qingyuan.web.notices.models import Notice

__all__ = ["DIGEST_AT", "send_digests"]

DIGEST_AT = time(8, 30)


@dataclass(frozen=True, slots=True)
class _Line:
    """What one person's cases come to this morning."""

    late: int = 0
    soon: int = 0
    unsigned: int = 0
    to_assign: int = 0

    def said(self) -> tuple[str, str]:
        parts = (
            (self.late, f"逾期 {self.late} 件", f"{self.late} late"),
            (
                self.soon,
                f"两个工作日内到期 {self.soon} 件",
                f"{self.soon} due within two working days",
            ),
            (self.unsigned, f"待签收 {self.unsigned} 件", f"{self.unsigned} to sign for"),
            (self.to_assign, f"待交办 {self.to_assign} 件", f"{self.to_assign} to assign"),
        )
        told = [(zh, en) for n, zh, en in parts if n]
        return "，".join(zh for zh, _en in told), ", ".join(en for _zh, en in told)


@transaction.atomic
def send_digests(*, at: datetime) -> int:
    """Send the morning's messages, on working days from half past eight, once a day per person.

    Called again and again by the worker; nobody with nothing to do is written to.
    """
    day = city_date(at)
    if in_city(at).time() < DIGEST_AT or not calendar().is_workday(day):
        return 0
    span = day_of(day)
    told = Notice.objects.filter(kind="digest", at__gte=span.start, at__lt=span.end)
    done = set(told.values_list("user_id", flat=True))
    lines = {user: line for user, line in _lines(at=at).items() if user.pk not in done}
    for user, line in lines.items():
        zh, en = line.said()
        if zh:
            notices.notify(
                [user],
                kind="digest",
                title=f"今日提醒：{zh}",
                title_en=f"This morning: {en}",
                url=f"{reverse('ledger')}?mine=1&sort=due",
                at=at,
            )
    return len(lines)


def _lines(*, at: datetime) -> dict[User, _Line]:
    soon = day_of(calendar().add_working_days(city_date(at), 2)).end
    running = Q(paused=False)
    handled = (
        Case.objects.filter(closed_at=None, person__isnull=False, person__is_active=True)
        .order_by()
        .values("person")
        .annotate(
            late=Count("pk", filter=running & Q(due_at__lte=at)),
            soon=Count("pk", filter=running & Q(due_at__gt=at, due_at__lte=soon)),
            unsigned=Count("pk", filter=Q(signed_at=None)),
        )
    )
    counts = {row.pop("person"): row for row in handled}
    waiting = Counter(
        dict(
            Case.objects.filter(ledger="assign", unit=None)
            .order_by()
            .values_list("district")
            .annotate(n=Count("pk"))
        )
    )
    found = {
        user: _Line(**counts[user.pk]) for user in User.objects.filter(pk__in=counts).order_by("pk")
    }
    for district, n in sorted(waiting.items()):
        people = {
            user
            for role in COORDINATORS
            for user in accounts.holders_of(role, on=city_date(at), district=district)
        }
        for user in sorted(people, key=lambda u: u.username):
            known = found.get(user, _Line())
            found[user] = _Line(known.late, known.soon, known.unsigned, known.to_assign + n)
    return {user: line for user, line in found.items() if any(line.said())}
