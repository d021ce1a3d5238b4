"""How one case stands (进展): macro phases, the three checks, receipt and first action, rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.casework import statistics
from qingyuan.web.cases.models import Case, CasePart, SignOff
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.file import CaseFile
from qingyuan.web.cases.selectors.workdays import work_time

__all__ = ["Check", "Round", "checks", "phases", "receipt", "rounds", "row_of"]


@dataclass(frozen=True, slots=True)
class Check:
    """One of the three checks: on the list (清单), somebody's duty (责任), struck off (销号)."""

    label: str
    met: bool
    said: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a case: who had it, who signed, what was found, with how many files."""

    number: int
    parts: tuple[CasePart, ...]
    signoffs: tuple[tuple[str, SignOff], ...]
    truth: str
    progress: str
    files: int


def row_of(case: Case, file: CaseFile) -> statistics.CaseRow:
    """Return the case as the definitions of the statistics read it."""
    deeds = file.deeds
    ends = [*(deed.at for deed in deeds[1:]), case.closed_at]
    spells = [
        statistics.Spell(case.rules.states[deed.to_state].phase, deed.at, end)
        for deed, end in zip(deeds, ends, strict=True)
        if deed.to_state in case.rules.states
    ]
    struck = [d for d in deeds if (r := case.rules.deeds.get(d.name)) and r.strike_off]
    lists = any(effect.name == "list_problems" for effect in case.rules.effects)
    return statistics.CaseRow(
        number=case.number,
        opened_at=case.opened_at,
        unit=case.unit.code if case.unit else "",
        person=case.person.username if case.person else "",
        assigned_at=case.assigned_at,
        signed_at=case.signed_at,
        acted_at=case.acted_at,
        due_at=case.due_at or case.closed_at,
        spells=tuple(spells),
        closed_at=case.closed_at,
        struck_at=struck[-1].at if struck and case.closed_at else None,
        evidence=any(link.round == case.round for link in file.evidence),
        listed=not lists or bool(file.problems),
        immediate=case.immediate,
    )


def phases(row: statistics.CaseRow, *, at: datetime) -> tuple[tuple[str, str, str], ...]:
    """Return the macro phases with the working days spent in each, for the rail (R002)."""
    spent = statistics.timing(row, at=at, work=work_time()).phases
    english = (get_language() or "").startswith("en")
    return tuple(
        (phase.value, phase.en if english else phase.zh, _lasted(spent[phase]))
        for phase in casework.Phase
    )


def _lasted(days: int) -> str:
    """Say how long a phase has lasted; nothing for one that has not begun to count."""
    told = ngettext("历时 %(n)s 个工作日", "历时 %(n)s 个工作日", days)
    return told % {"n": days} if days else ""


def checks(
    case: Case, file: CaseFile, row: statistics.CaseRow, *, at: datetime
) -> tuple[Check, ...]:
    """Return the three checks, each by its own definition: none of them stands for another."""
    work = work_time()
    over = {
        name: bool(statistics.figure(name, [row], at=at, calendar=work).over)
        for name in ("check_list", "check_duty", "check_strike")
    }
    problems = [p for p in file.problems if p.round == case.round]
    settled, total = sum(p.settled_at is not None for p in problems), len(problems)
    listed = _("问题 %(n)s 条，改毕 %(done)s 条") % {"n": total, "done": settled}
    duty = _("单位、责任人、期限齐备") if over["check_duty"] else _("尚缺单位、责任人或期限")
    struck = _("有佐证，已销号") if over["check_strike"] else _("尚未销号")
    return (
        Check(_("清单"), over["check_list"], listed if total else _("案件本身即为清单一项")
              if over["check_list"] else _("尚未列出问题")),
        Check(_("责任"), over["check_duty"], duty),
        Check(_("销号"), over["check_strike"], struck),
    )  # fmt: skip


def receipt(row: statistics.CaseRow) -> tuple[float | None, float | None]:
    """Return the working hours from 交办 to receipt, and from receipt to the first action."""
    work = work_time()
    signing = (
        work.hours(row.assigned_at, row.signed_at) if row.assigned_at and row.signed_at else None
    )
    acting = work.hours(row.signed_at, row.acted_at) if row.signed_at and row.acted_at else None
    return signing, acting


def rounds(case: Case, file: CaseFile) -> tuple[Round, ...]:
    """Return what each round held, the newest first."""
    deeds, parts = file.deeds, file.parts
    signed = [row for row in file.signoffs if row.cleared_at is None]
    found = []
    for number in range(case.round, 0, -1):
        of_round = [deed for deed in deeds if deed.round == number]
        findings = [deed.given for deed in of_round if deed.given.get("truth")]
        finding = findings[-1] if findings else {}
        found.append(
            Round(
                number=number,
                parts=tuple(part for part in parts if part.round == number),
                signoffs=tuple((_step(case, row), row) for row in signed if row.round == number),
                truth=_word(casework.TRUTHS, finding.get("truth")),
                progress=_word(casework.PROGRESS, finding.get("progress")),
                files=sum(len(deed.evidence.all()) for deed in of_round),
            )
        )
    return tuple(found)


def _word(table: Mapping[str, casework.Label], word: object) -> str:
    label = table.get(word) if isinstance(word, str) else None
    return in_language(label) if label else ""


def _step(case: Case, row: SignOff) -> str:
    chain = case.rules.chains.get(row.chain)
    return (
        in_language(chain.steps[row.step][1])
        if chain and row.step < len(chain.steps)
        else row.chain
    )
