"""Cases that hang together (关联案件), and how far those below have come (汇总)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from qingyuan import casework
from qingyuan.web.cases.models import Case, CaseLink, CaseThing
from qingyuan.web.cases.models.case import in_language

__all__ = ["LinkedCase", "RollUp", "linked_cases", "roll_up", "things_of"]

_BELOW = (CaseLink.Kind.PARENT, CaseLink.Kind.SWEEP, CaseLink.Kind.SPLIT)
_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """One case that hangs together with another, as a page lists it."""

    number: str
    title: str
    relation: str
    kind: str
    above: bool
    state: str
    closed: bool
    unit: str


@dataclass(frozen=True, slots=True)
class RollUp:
    """How the cases below one stand (下级任务汇总): by ledger, late, by state, by truth finding."""

    total: int
    assign: int
    handle: int
    conclude: int
    late: int
    proven: int
    states: tuple[tuple[str, int], ...]

    @property
    def share(self) -> int:
        """How many of a hundred are concluded, rounded down so that 100 means all."""
        return self.conclude * 100 // self.total if self.total else 0


_ABOVE_WORDS = {
    "parent": ("上级案件", "Parent"),
    "sweep": ("举一反三来源", "Sweep of"),
    "merged": ("已并入", "Merged into"),
    "split": ("分自", "Split from"),
    "same_source": ("同源案件", "Same source"),
}
_BELOW_WORDS = {
    "parent": ("下级案件", "Below"),
    "sweep": ("举一反三任务", "Sweep task"),
    "merged": ("并入本案", "Merged here"),
    "split": ("分出", "Split off"),
    "same_source": ("同源案件", "Same source"),
}


def linked_cases(case: Case, *, seen: Sequence[int] | None = None) -> list[LinkedCase]:
    """Return the cases *case* hangs on and those that hang on it, at most fifty of the latter.

    Parameters
    ----------
    seen : sequence of int, optional
        The rows the reader may see among them; others are left out.
    """
    rows = (
        CaseLink.objects.filter(Q(case=case) | Q(other=case))
        .select_related("case__procedure", "case__unit", "other__procedure", "other__unit")
        .order_by("kind", "pk")[: _MOST_SHOWN + 10]
    )
    found = []
    for row in rows:
        above = row.case_id == case.pk
        shown = row.other if above else row.case
        if seen is not None and shown.pk not in seen:
            continue
        words = (_ABOVE_WORDS if above else _BELOW_WORDS)[row.kind]
        found.append(
            LinkedCase(
                number=shown.number,
                title=shown.title,
                relation=in_language(casework.Label(*words)),
                kind=row.kind,
                above=above,
                state=shown.state_label,
                closed=shown.closed_at is not None,
                unit=shown.unit.name_zh if shown.unit else "",
            )
        )
    return found


def roll_up(case: Case, *, at: datetime) -> RollUp | None:
    """Return how the cases below *case* stand, or None when there is none."""
    below = Case.objects.filter(hangs_on__other=case, hangs_on__kind__in=_BELOW)
    count = below.aggregate(
        total=Count("pk"),
        assign=Count("pk", filter=Q(ledger="assign")),
        handle=Count("pk", filter=Q(ledger="handle")),
        conclude=Count("pk", filter=Q(ledger="conclude")),
        late=Count("pk", filter=Q(closed_at=None, paused=False, due_at__lte=at)),
        proven=Count("pk", filter=Q(truth__in=["proven", "mostly", "partly"])),
    )
    if not count["total"]:
        return None
    states: dict[str, int] = {}
    rows = below.values("procedure", "state").annotate(n=Count("pk")).order_by("procedure", "state")
    sample = {
        (c.procedure_id, c.state): c.state_label
        for c in below.select_related("procedure")
        .distinct("procedure", "state")
        .order_by("procedure", "state")
    }
    for row in rows:
        label = sample[(row["procedure"], row["state"])]
        states[label] = states.get(label, 0) + row["n"]
    return RollUp(**count, states=tuple(states.items()))


def things_of(case: Case) -> list[CaseThing]:
    """Return what else the case is about, in the order it was noted."""
    return list(case.things.order_by("pk"))
