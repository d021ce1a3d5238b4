"""Keep one record of a round (登记): groups, duty, materials, publicity, papers, rules produced."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.services import Origin, open_case
from qingyuan.web.inspections.models import Finding, Material, MaterialVersion, Round

__all__ = ["add_finding", "keep", "send_material"]

Kept = TypeVar("Kept", bound=models.Model)


@transaction.atomic
def keep(row: Kept, *, by: User, at: datetime) -> Kept:
    """Write one record and the line about it; ``by`` and ``at`` are filled where it has them.

    Raises
    ------
    Problem
        ``inspections.twice`` when there is one already.
    """
    for name, value in (("by", str(by)), ("at", at)):
        if hasattr(row, name) and not getattr(row, name):
            setattr(row, name, value)
    fresh = row.pk is None
    try:
        with transaction.atomic():
            row.validate_constraints()
            row.save()
    except (IntegrityError, ValidationError) as error:
        raise Problem("inspections.twice", what=str(row)) from error
    audit.record(
        actor=Actor.of(by),
        deed=f"inspections.{'add' if fresh else 'change'}",
        target=f"{row._meta.model_name}:{row.pk}",
        at=at,
        detail={f.name: str(f.value_from_object(row)) for f in row._meta.fields},
    )
    return row


@transaction.atomic
def send_material(
    material: Material, *, name: str, content: bytes, pages: int | None, received_by: str,
    by: User, at: datetime,
) -> MaterialVersion:  # fmt: skip
    """Log one sending of a material as its next version; the same file twice is refused (不重报).

    Raises
    ------
    Problem
        ``inspections.same_file``.
    """
    Material.objects.select_for_update().get(pk=material.pk)
    digest = hashlib.sha256(content).hexdigest()
    if same := material.versions.filter(digest=digest).first():
        raise Problem("inspections.same_file", version=same.version)
    sent = MaterialVersion(
        material=material,
        version=material.versions.count() + 1,
        name=name[:200],
        digest=digest,
        pages=pages,
        received_by=received_by,
        sent_by=str(by),
        sent_at=at,
    )
    return keep(sent, by=by, at=at)


@transaction.atomic
def add_finding(
    round_: Round, *, problem: str, goal: str, watcher: str, district_code: str, matter: str,
    by: User, at: datetime,
) -> Finding:  # fmt: skip
    """Register one finding the team fed back; it gets its case (反馈问题登记)."""
    Round.objects.select_for_update().get(pk=round_.pk)
    number = round_.findings.count() + 1
    case = open_case(
        procedure="inspection_finding",
        title=f"督察反馈问题 {round_.code}-{number}",
        matter=matter,
        district_code=district_code,
        origin=Origin("inspection", f"round:{round_.code}", f"{round_.group}反馈"),
        enterprise_id=None,
        by=by,
        at=at,
        form={"problem": problem, "goal": goal, "watcher": watcher},
        source=("inspection_finding", f"{round_.code}-{number}"),
    )
    return Finding.objects.create(
        round=round_, case=case, number=number, problem=problem, goal=goal
    )
