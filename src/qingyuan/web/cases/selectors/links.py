"""Cases that hang together (关联案件), and how far those below have come (汇总)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.web.cases.models import Case, CaseLink, CaseThing
from qingyuan.web.cases.models.case import in_language

__all__ = ["LinkedCase", "RollUp", "Thing", "know_face", "linked_cases", "roll_up", "things_of"]

Faces = Callable[[Sequence[Case]], Mapping[int, str]]
_faces: dict[str, Faces] = {}


def know_face(family: str, function: Faces) -> None:
    """Let a family's app say what another case may show of one of its cases, instead of the title.

    ``function(cases)`` answers words by the case's key (a petition's channel); *family* is the word
    of the procedure; called in ``AppConfig.ready``.
    """
    _faces[family] = function


def _named(cases: Sequence[Case]) -> dict[int, str]:
    """Return what each case is called where another points at it: its family's words, or its title."""
    words = {case.pk: case.title for case in cases}
    for family, ask in _faces.items():
        of_family = [case for case in cases if case.rules.family == family]
        words.update(ask(of_family) if of_family else {})
    return words


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
    rows = list(rows)
    words_of = _named([row.other if row.case_id == case.pk else row.case for row in rows])
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
                title=words_of[shown.pk],
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
    if not case.carries.filter(kind__in=_BELOW).exists():
        return None
    below = Case.objects.filter(hangs_on__other=case, hangs_on__kind__in=_BELOW)
    count = below.aggregate(
        total=Count("pk"),
        assign=Count("pk", filter=Q(ledger="assign")),
        handle=Count("pk", filter=Q(ledger="handle")),
        conclude=Count("pk", filter=Q(ledger="conclude")),
        late=Count("pk", filter=Q(closed_at=None, paused=False, due_at__lte=at)),
        proven=Count("pk", filter=Q(truth__in=["proven", "mostly", "partly"])),
    )
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


@dataclass(frozen=True, slots=True)
class Thing:
    """What else a case is about; ``number`` is that of a case one may open, empty for other things."""

    relation: str
    label: str
    ref: str
    number: str


def things_of(case: Case, *, seen: QuerySet[Case]) -> tuple[tuple[Thing, ...], int]:
    """Return what else the case is about, and the cases that are about it (关联事物).

    Parameters
    ----------
    seen : QuerySet
        The cases the reader may see; of others nothing is said but how many there are.
    """
    held = list(case.things.order_by("pk"))
    back = list(CaseThing.objects.filter(ref=case.ref).select_related("case").order_by("pk"))
    numbers = {t.ref.removeprefix("case:") for t in held if t.ref.startswith("case:")}
    numbers |= {t.case.number for t in back}
    rows = seen.filter(number__in=numbers).order_by() if numbers else ()
    known = {row.number: row for row in rows}
    words = _named(list(known.values()))
    found, hidden = [], 0
    for thing in held:
        number = thing.ref.removeprefix("case:") if thing.ref.startswith("case:") else ""
        if number and number not in known:
            hidden += 1
        elif number:
            found.append(Thing(_("涉及案件"), words[known[number].pk], number, number))
        else:
            found.append(Thing(_("关联事物"), thing.label, thing.ref, ""))
    for thing in back:
        number = thing.case.number
        if number in known:
            found.append(Thing(_("被该案引用"), words[known[number].pk], number, number))
        else:
            hidden += 1
    return tuple(found), hidden
