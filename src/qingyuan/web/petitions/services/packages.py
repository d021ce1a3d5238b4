"""Cases a leader owns (领导包案): open with the four ones, tick the five, write visits, close."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.notices import services as notices
from qingyuan.web.petitions.models import FIVE, Package, PackageCheck, PackageVisit, Petition

__all__ = ["LEADERS", "close_package", "open_package", "tick", "visit"]

LEADERS = ("leader", "vice_leader", "department_head")
_CLAUSE = "溧阳活动实施方案（2014）（一）4：“四个一”“五包”；定期接访、带案下访等"


def _note(package: Package, deed: str, *, by: User, at: datetime, **detail: object) -> None:
    audit.record(
        actor=Actor.of(by), deed=f"petitions.{deed}", target=package.petition.case.ref, at=at,
        clause=_CLAUSE, detail=detail,
    )  # fmt: skip


def _open(package: Package) -> Package:
    found = Package.objects.select_for_update(of=("self",)).get(pk=package.pk)
    if found.closed_at is not None:
        raise Problem("petitions.package_closed", number=found.petition.case.number)
    return found


@transaction.atomic
def open_package(
    petition: Petition,
    *,
    leader: User,
    team: str,
    plan: str,
    pursuit: str,
    period: str,
    by: User,
    at: datetime,
) -> Package:
    """Give a petition to a leader (立项包案); one leader, one team, one plan, one pursuit, all four.

    Raises
    ------
    Problem
        ``petitions.four_ones``, ``petitions.not_a_leader``, ``petitions.package_twice``.
    """
    given = {"team": team, "plan": plan, "pursuit": pursuit, "period": period}
    cleaned = {k: v.strip() for k, v in given.items()}
    if not all(cleaned.values()):
        raise Problem("petitions.four_ones")
    if not role_names(leader, on=city_date(at)) & set(LEADERS):
        raise Problem("petitions.not_a_leader", name=leader.name)
    petition = Petition.objects.select_for_update(of=("self",)).get(pk=petition.pk)
    if petition.packages.filter(closed_at=None).exists():
        raise Problem("petitions.package_twice", number=petition.case.number)
    made = Package.objects.create(
        petition=petition, leader=leader, opened_by=str(by), opened_at=at, **cleaned
    )
    _note(made, "open_package", by=by, at=at, leader=leader.username, period=made.period)
    if leader.pk != by.pk:
        notices.notify(
            [leader], kind="petition", title=f"包案：{petition.case.number}",
            title_en=f"A case to own: {petition.case.number}",
            url=reverse("petition", args=[petition.case.number]), at=at,
        )  # fmt: skip
    return made


@transaction.atomic
def tick(
    package: Package, *, kind: str, done_on: date, note: str, by: User, at: datetime
) -> PackageCheck:
    """Tick one of the five packages (五包), with its date and a note; ticking again replaces it."""
    package = _open(package)
    if kind not in dict(FIVE) or not note.strip():
        raise Problem("petitions.five_needs_note")
    if done_on > city_date(at):
        raise Problem("petitions.not_yet", given=done_on.isoformat())
    made, _ = PackageCheck.objects.update_or_create(
        package=package, kind=kind,
        defaults={"done_on": done_on, "note": note.strip()[:400], "by": str(by), "at": at},
    )  # fmt: skip
    _note(package, "tick_package", by=by, at=at, kind=kind, on=done_on)
    return made


@transaction.atomic
def visit(
    package: Package, *, leader: User, mode: str, on: date, note: str, by: User, at: datetime
) -> PackageVisit:
    """Write down that a leader met the people (接访、下访、约访、处访、回访)."""
    package = _open(package)
    if mode not in PackageVisit.Mode.values or not note.strip():
        raise Problem("petitions.visit_needs_note")
    if on > city_date(at):
        raise Problem("petitions.not_yet", given=on.isoformat())
    made = PackageVisit.objects.create(
        package=package, leader=leader, mode=mode, on=on, note=note.strip()[:400], by=str(by), at=at
    )
    _note(package, "visit", by=by, at=at, mode=mode, on=on, leader=leader.username)
    return made


@transaction.atomic
def close_package(package: Package, *, by: User, at: datetime) -> Package:
    """Close a package (包案结案): all five must be ticked."""
    package = _open(package)
    lacking = [str(label) for kind, label in FIVE if not package.checks.filter(kind=kind).exists()]
    if lacking:
        raise Problem("petitions.five_lacking", lacking="、".join(lacking))
    package.closed_by, package.closed_at = str(by), at
    package.save(update_fields=["closed_by", "closed_at"])
    _note(package, "close_package", by=by, at=at)
    return package
