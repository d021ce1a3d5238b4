"""Open a case (立案): the only way one begins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from qingyuan import casework
from qingyuan.core.periods import in_city
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.effects.notify import coordinators, tell
from qingyuan.web.cases.models import Case, CaseLink, CaseSerial, CaseType, Deed
from qingyuan.web.cases.models.case import MATTERS
from qingyuan.web.cases.services.assign import matrix_row
from qingyuan.web.cases.services.kept import plain
from qingyuan.web.cases.services.links import hang
from qingyuan.web.cases.services.versions import version_of
from qingyuan.web.registry.models import District, Enterprise

__all__ = ["Origin", "open_case"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a case comes from, as a value (来源): ``signal`` ``signal:17`` ``望澜桥断面氨氮超标``."""

    kind: str
    ref: str
    label: str


# The enterprise sees the title of its case: a word that tells where the case came from may tell who
# complained (信访工作条例：不得泄露举报人信息).
_BETRAYS = re.compile(r"举报|投诉|信访|来信|来访|来电|12345|热线|群众")


def _check_source(system: str, number: str) -> None:
    """Refuse half a source, and one that has its case already."""
    if bool(system) != bool(number):
        raise Problem("cases.source_half", system=system or "—", number=number or "—")
    taken = Case.objects.filter(source_system=system, source_no=number).first() if number else None
    if taken is not None:
        raise Problem("cases.source_taken", system=system, number=number, case=taken.number)


def _number(prefix: str, *, year: int, district_code: str) -> str:
    """Return the next number ``JD<year><district><serial>``; the row stays locked until commit."""
    row, _ = CaseSerial.objects.select_for_update().get_or_create(
        prefix=prefix, year=year, district_code=district_code
    )
    CaseSerial.objects.filter(pk=row.pk).update(last=F("last") + 1)
    return f"{prefix}{year}{district_code}{row.last + 1:04d}"


@transaction.atomic
def open_case(
    *,
    procedure: str,
    title: str,
    matter: str,
    district_code: str,
    origin: Origin,
    enterprise_id: str | None,
    by: User | None,
    at: datetime,
    summary: str = "",
    section_code: str = "",
    outfall_code: str = "",
    level: int = 4,
    types: Sequence[str] = (),
    form: Mapping[str, object] | None = None,
    form_at: datetime | None = None,
    source: tuple[str, str] | None = None,
    immediate: bool = False,
    parent: Case | None = None,
    quiet: bool = False,
) -> Case:
    """Register and number a case (登记立案); the coordinators find it in their inbox.

    Parameters
    ----------
    procedure : str
        Name of the procedure; the case keeps the version current now.
    enterprise_id : str, optional
        Code of the enterprise concerned.
    by : User, optional
        Who opened it; None when the platform did.
    types : sequence of str
        Pollution types (`casework.TYPES`).
    form : mapping, optional
        Values of the procedure's opening form, checked as a deed's fields are.
    form_at : datetime, optional
        When the form was filled in, if not now: a date in it may lie before the opening.
    source : tuple of str, optional
        System it came from and its number there; the two are unique together.
    immediate : bool
        To be rectified at once (立行立改).
    parent : Case, optional
        The case it hangs under.
    quiet : bool
        Tell the coordinators nothing: the caller opens many and says so once.

    Raises
    ------
    Problem
        ``cases.unknown_procedure``, ``cases.title_missing``, ``cases.unknown_matter``,
        ``cases.unknown_district``, ``cases.unknown_enterprise``, ``cases.unknown_type``,
        ``cases.source_taken``, and what the form lacks.
    """
    title = " ".join(title.split())
    if not title:
        raise Problem("cases.title_missing")
    if betrays := _BETRAYS.search(title):
        raise Problem("cases.title_betrays", word=betrays.group())
    if matter not in dict(MATTERS):
        raise Problem("cases.unknown_matter", given=matter, known="、".join(dict(MATTERS)))
    if not District.objects.filter(code=district_code).exists():
        raise Problem("cases.unknown_district", given=district_code)
    if enterprise_id and not Enterprise.objects.filter(code=enterprise_id).exists():
        raise Problem("cases.unknown_enterprise", given=enterprise_id)
    if unknown := [name for name in types if name not in casework.TYPES]:
        known = "、".join(label.zh for label in casework.TYPES.values())
        raise Problem("cases.unknown_type", given=unknown[0], known=known)
    # The chain's lock comes first: two who open many wait for one another and do not deadlock, and
    # the second of two with one source finds the first's case.
    audit.hold_chain()
    system, number = source or ("", "")
    _check_source(system, number)
    version = version_of(procedure, at=at)
    rules = version.rules
    casework.check_form(rules, form or {}, at=form_at or at)
    row = matrix_row(district_code, matter, at=at)
    actor = Actor.of(by) if by else audit.SYSTEM
    case = Case(
        number=_number(rules.numbering, year=in_city(at).year, district_code=district_code),
        procedure=version,
        title=title[:160],
        summary=summary.strip()[:1000],
        matter=matter,
        level=level,
        district_id=district_code,
        origin_kind=origin.kind,
        origin_ref=origin.ref,
        origin_label=origin.label[:160],
        section_code=section_code,
        outfall_code=outfall_code,
        enterprise_id=enterprise_id or None,
        sponsor=row.sponsor if row else None,
        opened_by=actor.label,
        opener=by,
        opened_at=at,
        form={name: plain(value) for name, value in (form or {}).items()},
        immediate=immediate,
        source_system=system,
        source_no=number,
    )
    case.move(rules.initial, by=actor.label, at=at)
    case.save(force_insert=True)
    CaseType.objects.bulk_create(CaseType(case=case, type=name) for name in dict.fromkeys(types))
    Deed.objects.create(
        case=case,
        seq=1,
        round=1,
        name="open",
        to_state=case.state,
        doer=by,
        by=actor.label,
        at=at,
        clause=rules.clause[:240],
        given={"note": origin.label},
    )
    audit.record(
        actor=actor,
        deed="cases.open",
        target=case.ref,
        at=at,
        clause=rules.clause,
        detail={"procedure": str(version), "digest": version.digest, "origin": origin.ref},
    )
    if parent is not None:
        hang(case, parent, kind=CaseLink.Kind.PARENT, by=by, at=at)
    if not quiet:
        people = [p for p in coordinators(case.district_id, at=at) if by is None or p.pk != by.pk]
        tell(case, people, kind="case", deed=("新案件待交办", "New case to assign"), at=at)
    return case
