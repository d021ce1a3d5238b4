"""The file of one case (案卷): its rows, each kind read once, for the page and for the rules."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch

from qingyuan.web.cases.models import (
    Case,
    CaseClock,
    CasePart,
    Deed,
    EvidenceLink,
    ExtensionRequest,
    ProblemItem,
    SignOff,
)

__all__ = ["CaseFile", "case_file"]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What is kept of a case, in the order it came; deeds carry their evidence, clocks their pauses."""

    deeds: list[Deed]
    clocks: list[CaseClock]
    problems: list[ProblemItem]
    parts: list[CasePart]
    signoffs: list[SignOff]
    asked: ExtensionRequest | None

    @property
    def taken_back(self) -> set[int]:
        """The deeds a later one took back."""
        return {deed.undoes_id for deed in self.deeds if deed.undoes_id}

    @property
    def evidence(self) -> list[EvidenceLink]:
        """Every file handed in, also with deeds taken back."""
        return [link for deed in self.deeds for link in deed.evidence.all()]


def case_file(case: Case) -> CaseFile:
    """Read the rows of *case* as they are now."""
    links = EvidenceLink.objects.select_related("attachment__uploaded_by")
    file = CaseFile(
        deeds=list(
            case.deeds.select_related("doer__unit")
            .prefetch_related(Prefetch("evidence", links))
            .order_by("seq")
        ),
        clocks=list(
            case.clocks.select_related("part__unit")
            .prefetch_related("pauses", "extensions", "cards")
            .order_by("started_at", "pk")
        ),
        problems=list(case.problems.order_by("round", "number")),
        parts=list(case.parts.select_related("unit", "person__unit").order_by("pk")),
        signoffs=list(case.signoffs.select_related("signer__unit").order_by("at")),
        asked=case.extension_requests.filter(settled_at=None).first(),
    )
    for link in file.evidence:
        link.case = case
    return file
