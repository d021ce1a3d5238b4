"""What is true of an inspection's case (条件词): asked by the guards of its procedure."""

from __future__ import annotations

from qingyuan.web.cases.models import Case
from qingyuan.web.inspections.models import Finding, Item, ItemRound

__all__ = ["marks"]


def marks(case: Case) -> frozenset[str]:
    """Return the words of the table of marks that hold for *case*; none for other families."""
    if case.procedure.name == "inspection_item":
        return frozenset(word for word, holds in _of_item(case).items() if holds)
    if case.procedure.name == "inspection_finding":
        return frozenset(word for word, holds in _of_finding(case).items() if holds)
    return frozenset()


def _of_item(case: Case) -> dict[str, bool]:
    lead = case.parts.filter(round=case.round, role="lead", ended_at=None).first()
    item = Item.objects.filter(case=case).first()
    held = ItemRound.objects.filter(item=item, round=case.round).first() if item else None
    return {
        "inspection_signed": lead is not None and lead.state != "given",
        "inspection_immediate": case.immediate,
        "inspection_staged": case.progress in ("staged", "open"),
        "inspection_fed_back": held is not None and held.fed_back_at is not None,
        "inspection_accepted": held is not None and held.accepted_at is not None,
        "inspection_public": held is not None and held.confirmed_at is not None,
        "inspection_noticed": held is not None and held.notice_to is not None,
    }


def _of_finding(case: Case) -> dict[str, bool]:
    held = Finding.objects.filter(case=case).first()
    return {
        "inspection_led": case.unit_id is not None,
        "inspection_accepted": held is not None and held.accepted_at is not None,
        "inspection_noticed": held is not None and held.notice_to is not None,
    }
