"""What is told in public (公开): the text a person confirmed, never the text handed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.inspections.models import Item, ItemRound
from qingyuan.web.inspections.redaction import blanked, personal_in

__all__ = ["PUBLIC", "confirm", "drafts"]

# 公开栏与其来处 / a public text and where its draft comes from
PUBLIC = (
    ("public_problem", "problem"),
    ("public_finding", "finding"),
    ("public_measures", "measures"),
    ("public_blame", "blame"),
)


def drafts(item: Item, held: ItemRound) -> dict[str, str]:
    """Return the texts to begin from: what was confirmed, else the words with numbers blanked."""
    raw = {
        "problem": item.problem,
        **{n: getattr(held, n) for n in ("finding", "measures", "blame")},
    }
    return {name: getattr(held, name) or blanked(raw[source]) for name, source in PUBLIC}


@transaction.atomic
def confirm(item: Item, texts: Mapping[str, str], *, by: User, at: datetime) -> ItemRound:
    """Confirm the public text of an item's present round (脱敏确认).

    Raises
    ------
    Problem
        ``inspections.nothing_reported``, ``public_empty``, ``public_betrays`` with the pieces found,
        ``public_raw`` when the problem is word for word what was handed over: a name no pattern
        finds may stand in it.
    """
    held = (
        ItemRound.objects.select_for_update()
        .filter(item=item, round=item.case.round)
        .exclude(finding="")
        .first()
    )
    if held is None:
        raise Problem("inspections.nothing_reported", number=item.number)
    given = {name: " ".join(texts.get(name, "").split()) for name, _ in PUBLIC}
    if not all(given[name] for name, _ in PUBLIC[:3]):
        raise Problem("inspections.public_empty")
    pieces = [piece for text in given.values() for _, piece in personal_in(text)]
    if pieces:
        raise Problem("inspections.public_betrays", pieces="、".join(dict.fromkeys(pieces)))
    if given["public_problem"] == " ".join(item.problem.split()):
        raise Problem(
            "inspections.public_raw", field=ItemRound._meta.get_field("public_problem").verbose_name
        )
    for name, text in given.items():
        setattr(held, name, text[:2000])
    held.confirmed_by, held.confirmed_at = str(by), at
    held.save()
    audit.record(
        actor=Actor.of(by),
        deed="inspections.public_text",
        target=item.case.ref,
        at=at,
        detail={"round": held.round, "texts": given},
    )
    return held
