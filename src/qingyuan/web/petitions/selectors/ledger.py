"""The ledger of petitions, and what the desk has waiting (信访台账、待登记)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from qingyuan.core.periods import CITY_TZ, city_date
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope, role_names, scope_of
from qingyuan.web.cases import selectors as cases
from qingyuan.web.petitions.models import CallBack, Package, Petition, Report
from qingyuan.web.petitions.selectors.settings import channels, parameter
from qingyuan.web.petitions.tables import categories

__all__ = ["TABS", "PetitionRow", "backlog_line", "category_label", "in_tab", "narrowed", "petitions", "rows", "waiting", "waiting_at"]  # fmt: skip

# 页签：名称、说明
TABS = (
    ("open", _("在办")),
    ("callback", _("待回访")),
    ("ill", _("不满意或未解决")),
    ("closed", _("已办结")),
    ("all", _("全部")),
)
_DESK = frozenset({"duty_officer", "department_head"})


@dataclass(frozen=True, slots=True)
class PetitionRow:
    """One petition on the ledger."""

    petition: Petition
    channel: str
    category: str
    answer: str
    ill: bool
    age: int
    packaged: bool


def category_label(code: str, *, english: bool) -> str:
    """Return the name of a category."""
    row = categories().get(code)
    return (row.en if english else row.zh.partition("（")[0]) if row else code


def petitions(scope: Scope) -> QuerySet[Petition]:
    """Return the petitions a person of the bureau may see: those whose case he or she may see."""
    seen = cases.cases(scope).order_by().values("pk")
    return (
        Petition.objects.filter(case_id__in=seen)
        .select_related("case__district", "case__unit", "case__person")
        .prefetch_related("case__procedure")
        .defer("case__district__wkb")
    )


def _last_answer(name: str) -> Subquery:
    answered = CallBack.objects.filter(petition=OuterRef("pk"), reached=True)
    return Subquery(answered.order_by("-at", "-pk").values(name)[:1])


def _ill() -> Q:
    return Q(last_satisfaction="unsatisfied") | Q(last_resolution="unsolved")


def in_tab(found: QuerySet[Petition], tab: str) -> QuerySet[Petition]:
    """Narrow to one tab of the ledger."""
    found = found.annotate(
        last_satisfaction=_last_answer("satisfaction"), last_resolution=_last_answer("resolution")
    )
    if tab == "closed":
        return found.filter(case__closed_at__isnull=False)
    if tab == "callback":
        # 信访件送达后、热线答复后等待回访
        waits = Q(case__state="served") | Q(case__state="replied", case__procedure__name="hotline")
        return found.filter(waits, case__closed_at=None)
    if tab == "ill":
        return found.filter(_ill())
    return found if tab == "all" else found.filter(case__closed_at=None)


def narrowed(found: QuerySet[Petition], given: Mapping[str, str]) -> QuerySet[Petition]:
    """Narrow by words, channel, district, category, month of receipt."""
    if text := given.get("text", "").strip():
        found = found.filter(Q(case__number__icontains=text) | Q(case__title__icontains=text))
    for name, column in (
        ("channel", "channel"),
        ("district", "case__district_id"),
        ("category", "category"),
        ("unit", "case__unit__code"),
    ):
        if value := given.get(name, ""):
            found = found.filter(**{column: value})
    if span := _month(given.get("month", "")):
        found = found.filter(received_at__gte=span[0], received_at__lt=span[1])
    return found


def _month(text: str) -> tuple[datetime, datetime] | None:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    after = (first + timedelta(days=32)).replace(day=1)
    start, end = (datetime(d.year, d.month, 1, tzinfo=CITY_TZ) for d in (first, after))
    return start, end


def rows(
    found: Sequence[Petition] | QuerySet[Petition], *, at: datetime, english: bool
) -> list[PetitionRow]:
    """Return petitions as the ledger shows them."""
    held = list(found)
    names = channels(on=city_date(at))
    packaged = set(
        Package.objects.filter(petition__in=held, closed_at=None).values_list("petition", flat=True)
    )
    last: dict[int, CallBack] = {
        c.petition_id: c
        for c in CallBack.objects.filter(petition__in=held, reached=True).order_by("at", "pk")
    }
    today = city_date(at)
    return [
        PetitionRow(
            petition=p,
            channel=names[p.channel].label if p.channel in names else p.channel,
            category=category_label(p.category, english=english),
            answer=f"{c.get_satisfaction_display()} · {c.get_resolution_display()}"
            if (c := last.get(p.pk))
            else "",
            ill=bool(c and c.ill),
            age=(today - city_date(p.received_at)).days,
            packaged=p.pk in packaged,
        )
        for p in held
    ]


def backlog_line(*, at: datetime) -> datetime:
    """Return the instant before which an open petition is backlog (积案的时龄)."""
    return at - timedelta(days=int(parameter("backlog_days", on=city_date(at))))


def waiting(scope: Scope) -> QuerySet[Report]:
    """Return the reports waiting to be registered; those without a district wait for everybody."""
    seen = scope.by_district("district_id") | Q(district=None)
    if not scope.staff:
        return Report.objects.none()
    return (
        Report.objects.filter(seen, state=Report.State.RECEIVED)
        .select_related("district", "first_contact")
        .defer("district__wkb")
        .order_by("received_at", "pk")
    )


def waiting_at(user: User) -> int:
    """Count the reports waiting at the desk of one person; nothing for who has no desk."""
    today = city_date(CityClock(settings.FOLDER).now())
    if not role_names(user, on=today) & _DESK:
        return 0
    return waiting(scope_of(user, on=today)).count()
