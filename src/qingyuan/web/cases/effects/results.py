"""Give the result back to whoever discovered the matter (结果反馈发现者, R003)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from qingyuan.web.cases.effects.context import Doing
from qingyuan.web.cases.models import Case, CaseLink, ResultReturn

__all__ = ["give_result", "know_discoverer", "return_result"]

Tell = Callable[[Case, datetime], None]
_discoverers: dict[str, Tell] = {}


def know_discoverer(origin_kind: str, tell: Tell) -> None:
    """Register who hears how cases of one kind of origin ended: a signal, a petition, a batch.

    The discoverer's own app registers itself; cases never import it.
    """
    _discoverers[origin_kind] = tell


def return_result(doing: Doing, params: Mapping[str, str]) -> None:
    """Give the result back, once a round, and note to whom and when."""
    give_result(doing.case, at=doing.at)


def give_result(case: Case, *, at: datetime) -> None:
    """Tell the discoverer of *case*, and those of every case merged into it."""
    _, fresh = ResultReturn.objects.get_or_create(
        case=case, round=case.round, defaults={"to": case.origin_label, "at": at}
    )
    if fresh and case.origin_kind in _discoverers:
        _discoverers[case.origin_kind](case, at)
    merged = CaseLink.objects.filter(other=case, kind=CaseLink.Kind.MERGED)
    for link in merged.select_related("case__procedure").order_by("pk"):
        give_result(link.case, at=at)
