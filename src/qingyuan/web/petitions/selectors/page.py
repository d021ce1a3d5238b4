"""One petition as one person may see it (信访件页); nothing of who reported is read here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.petitions.models import (
    FIVE,
    AuditTrigger,
    CallBack,
    Look,
    Package,
    PackageCheck,
    PackageVisit,
    Petition,
    Report,
    ReportPhoto,
)
from qingyuan.web.petitions.models.report import CONTACT
from qingyuan.web.petitions.selectors.settings import channel_label

__all__ = [
    "PackageView",
    "PetitionPage",
    "ReportView",
    "given_fields",
    "package_view",
    "petition_page",
]

_SEES_LOOKS = frozenset({"department_head", "vice_leader", "leader"})


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report of a petition: what is known without unsealing."""

    report: Report
    channel: str
    fields: tuple[str, ...]
    photos: tuple[ReportPhoto, ...]


@dataclass(frozen=True, slots=True)
class PackageView:
    """One package with its five and its visits."""

    package: Package
    five: tuple[tuple[str, str, PackageCheck | None], ...]
    visits: tuple[PackageVisit, ...]

    @property
    def lacking(self) -> int:
        """How many of the five are not ticked."""
        return sum(done is None for _, _, done in self.five)


@dataclass(frozen=True, slots=True)
class PetitionPage:
    """Everything a petition's page shows besides its case."""

    petition: Petition
    channel: str
    reports: tuple[ReportView, ...]
    callbacks: tuple[CallBack, ...]
    packages: tuple[PackageView, ...]
    triggers: tuple[AuditTrigger, ...]
    looks: tuple[Look, ...]


def given_fields(report: Report) -> tuple[str, ...]:
    """Return which contact fields a report has, without reading any of them."""
    held = getattr(report, "complainant", None)
    return tuple(name for name in CONTACT if held and getattr(held, name))


def petition_page(petition: Petition, *, user: User, may_know: bool, at: datetime) -> PetitionPage:
    """Return the page of one petition.

    Parameters
    ----------
    may_know : bool
        Whether *user* may see pictures not yet cleared (the desk).
    """
    day = city_date(at)
    reports = []
    for report in petition.reports.select_related(
        "complainant", "first_contact", "handed_to"
    ).order_by("received_at", "pk"):
        photos = report.photos.defer("image").order_by("position")
        if not may_know:
            photos = photos.filter(cleared=ReportPhoto.Cleared.INSPECTOR)
        name = channel_label(report.channel, on=day)
        reports.append(ReportView(report, name, given_fields(report), tuple(photos)))
    looks: tuple[Look, ...] = ()
    if role_names(user, on=day) & _SEES_LOOKS:
        looks = tuple(
            Look.objects.filter(report__petition=petition).select_related("by").order_by("-at")[:20]
        )
    triggers = AuditTrigger.objects.filter(found__petition=petition).select_related("audit_case")
    return PetitionPage(
        petition=petition,
        channel=channel_label(petition.channel, on=day),
        reports=tuple(reports),
        callbacks=tuple(petition.callbacks.select_related("by__unit").order_by("at", "pk")),
        packages=tuple(package_view(p) for p in petition.packages.select_related("leader")),
        triggers=tuple(triggers.order_by("at", "pk")),
        looks=looks,
    )


def package_view(package: Package) -> PackageView:
    """Return one package with its five and its visits."""
    done = {row.kind: row for row in package.checks.all()}
    return PackageView(
        package=package,
        five=tuple((kind, str(label), done.get(kind)) for kind, label in FIVE),
        visits=tuple(package.visits.select_related("leader").order_by("-on", "-pk")),
    )
