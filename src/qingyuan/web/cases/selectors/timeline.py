"""What was done, as a reader sees it (办理经过): each line labelled, each value in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.core.periods import in_city
from qingyuan.web.cases.effects.lines import LINES
from qingyuan.web.cases.models import Case, Deed, EvidenceLink
from qingyuan.web.cases.models.case import in_language

__all__ = ["TimelineRow", "form_values", "label_of", "said", "shown", "timeline"]


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One deed on the timeline: who, when, what was said, under which clause, with which files.

    ``turn`` is the number of a round that begins here, 0 elsewhere.
    """

    deed: Deed
    label: str
    kind: str
    said: tuple[tuple[str, str], ...]
    evidence: tuple[EvidenceLink, ...]
    undone: bool
    turn: int


def shown(field: casework.Field, value: object, *, label: object = None) -> str:
    """Return a value of a field in words; *label* is what its codes stood for on the day."""
    if label:
        return str(label)
    match field.kind:
        case "choice" if value in field.choices:
            return in_language(field.choices[str(value)])
        case "yes":
            return _("是") if value else _("否")
        case "types" if isinstance(value, list | tuple):
            return "、".join(
                in_language(casework.TYPES[str(v)]) if v in casework.TYPES else str(v)
                for v in value
            )
        case "day_time":
            return f"{in_city(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M}"
    return "；".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def said(case: Case, deed: Deed, *, to_enterprise: bool = False) -> tuple[tuple[str, str], ...]:
    """Return what was filled in, labelled, in the order of the form."""
    rule = case.rules.deeds.get(deed.name)
    if rule is None:
        return () if to_enterprise else _line_said(deed.given)
    return tuple(
        (in_language(f.label), shown(f, value, label=deed.given.get(f"{f.name}_label")))
        for f in rule.fields
        if (value := deed.given.get(f.name)) not in (None, "", [])
        and (f.to_enterprise or not to_enterprise)
    )


def _line_said(given: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    cases = given.get("cases") or given.get("case")
    numbers = "、".join(map(str, cases)) if isinstance(cases, list) else cases
    words = ((_("案件"), numbers), (_("件数"), given.get("n")), (_("说明"), given.get("note")))
    return tuple((label, str(value)) for label, value in words if value)


def form_values(case: Case) -> tuple[tuple[str, str], ...]:
    """Return the values of the opening form, labelled, in its order."""
    return tuple(
        (in_language(field.label), shown(field, value))
        for name, field in case.rules.form.items()
        if (value := case.form.get(name)) not in (None, "", [])
    )


def label_of(case: Case, name: str) -> str:
    """Return what a line of the timeline is called."""
    lines = {
        "open": _("立案"),
        "absorb": _("并入他案"),
        "split": _("分案"),
        "sweep": _("布置举一反三"),
        "link": _("关联案件"),
        "urge": _("催办"),
        "undo": _("撤回"),
    }
    rule = case.rules.deeds.get(name)
    return in_language(rule.label) if rule else lines.get(name, name)


def _kind(deed: Deed, rule: casework.Deed | None) -> str:
    if deed.doer_id is None or deed.name in LINES - {"open"}:
        return "system"
    if rule is None:
        return ""
    if rule.strike_off:
        return "done"
    back = rule.verdict == "return" or deed.to_state in ("returned", "sent_back")
    return "return" if back or rule.name.endswith("_return") else ""


def timeline(case: Case, deeds: Sequence[Deed]) -> tuple[TimelineRow, ...]:
    """Return the lines in order; where a new round begins, the line says so."""
    taken_back = {deed.undoes_id for deed in deeds if deed.undoes_id}
    found, round_ = [], 1
    for deed in deeds:
        found.append(
            TimelineRow(
                deed=deed,
                label=label_of(case, deed.name),
                kind=_kind(deed, case.rules.deeds.get(deed.name)),
                said=said(case, deed),
                evidence=tuple(deed.evidence.all()),
                undone=deed.pk in taken_back,
                turn=deed.round if deed.round > round_ else 0,
            )
        )
        round_ = max(round_, deed.round)
    return tuple(found)
