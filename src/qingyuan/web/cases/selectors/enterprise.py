"""What an enterprise sees of its own cases: never the petitioner, others, or internal opinions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope, scope_of
from qingyuan.web.cases.models import Case, Deed, EvidenceLink, ProblemItem
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.clocks import ClockView, clock_views
from qingyuan.web.cases.selectors.facts import actor_of, facts_of
from qingyuan.web.cases.selectors.page import buttons
from qingyuan.web.cases.selectors.timeline import said

__all__ = [
    "EnterprisePage",
    "EnterpriseRow",
    "EnterpriseStep",
    "enterprise_cases",
    "enterprise_page",
    "enterprise_rows",
    "enterprise_state",
    "waiting_for_enterprise",
]


@dataclass(frozen=True, slots=True)
class EnterpriseStep:
    """One step of the progress an enterprise may follow; officers are named by their unit only."""

    label: str
    by: str
    at: datetime
    said: tuple[tuple[str, str], ...]
    evidence: tuple[EvidenceLink, ...]


@dataclass(frozen=True, slots=True)
class EnterprisePage:
    """One case as its enterprise sees it."""

    case: Case
    state: str
    problems: tuple[ProblemItem, ...]
    clock: ClockView | None
    steps: tuple[EnterpriseStep, ...]
    deeds: tuple[casework.Deed, ...]

    @property
    def buttons(self) -> list[tuple[str, str, str]]:
        """Name, label and tone of each deed that can be done now."""
        return buttons(self.case, self.deeds)


def enterprise_cases(scope: Scope) -> QuerySet[Case]:
    """Return the cases pushed to the enterprise one speaks for; nothing for anybody else."""
    found = (
        Case.objects.select_related("district", "enterprise", "unit")
        .prefetch_related("procedure")
        .defer("district__wkb")
    )
    if not scope.enterprise_code:
        return found.none()
    return found.filter(enterprise_id=scope.enterprise_code, pushed_at__isnull=False).order_by(
        "closed_at", "due_at", "-pk"
    )


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """One task on the enterprise's list: whose turn it is, and the enterprise's own deadline."""

    case: Case
    state: str
    its_turn: bool
    clock: ClockView | None


def enterprise_rows(scope: Scope, *, at: datetime) -> list[EnterpriseRow]:
    """Return the enterprise's tasks, those that wait for it first, the next to end on top."""
    found = [
        EnterpriseRow(
            case=case,
            state=enterprise_state(case),
            its_turn=case.closed_at is None and _its_turn(case),
            clock=_its_clock(case, at=at),
        )
        for case in enterprise_cases(scope)
    ]
    far = datetime.max.replace(tzinfo=at.tzinfo)
    return sorted(found, key=lambda r: (not r.its_turn, (r.clock and r.clock.due) or far))


def _its_clock(case: Case, *, at: datetime) -> ClockView | None:
    """Return the running clock that the enterprise itself can stop."""
    rules = case.rules
    mine = {
        c for d in rules.deeds.values() if "enterprise" in rules.roles_of(d) for c in d.clocks.stop
    }
    views = clock_views(case, at=at)
    running = [v for v in views if v.stopped is None and not v.unit and v.name in mine]
    return running[0] if running else None


def _open_to_enterprise(rules: casework.Procedure, deed: casework.Deed) -> bool:
    """Whether an enterprise may know of a deed: its own, addressed to it, or telling it something."""
    return (
        "enterprise" in rules.roles_of(deed)
        or any(f.to_enterprise for f in deed.fields)
        or any(e.name == "notify" and e.params.get("to") == "enterprise" for e in deed.effects)
    )


def enterprise_state(case: Case) -> str:
    """Return the state in words meant for the enterprise; internal steps are not told apart."""
    state = case.rules.states[case.state]
    if state.terminal:
        return _("已办结")
    if not case.problems.filter(round=case.round, pushed_at__isnull=False).exists():
        return _("再次核查中")
    if state.phase is casework.Phase.FEEDBACK:
        return _("复核通过，待销号")
    return in_language(state.label) if _its_turn(case) else _("待复核")


def _its_turn(case: Case) -> bool:
    """Whether the case stands where its enterprise can act."""
    deeds = case.rules.deeds.values()
    return any(case.state in d.states and "enterprise" in case.rules.roles_of(d) for d in deeds)


def _step(case: Case, deed: Deed, rule: casework.Deed, *, own: bool) -> EnterpriseStep:
    return EnterpriseStep(
        label=in_language(rule.label),
        by=deed.doer.name if own and deed.doer else (deed.doer.unit.name_zh if deed.doer else ""),
        at=deed.at,
        said=said(case, deed, to_enterprise=True),
        evidence=tuple(deed.evidence.all()) if own else (),
    )


def enterprise_page(case: Case, *, user: User, at: datetime) -> EnterprisePage:
    """Return what the enterprise's people see of one case pushed to them."""
    rules = case.rules
    deeds = (
        case.deeds.filter(at__gte=case.pushed_at)
        .select_related("doer__unit")
        .prefetch_related("evidence__attachment", "evidence__case__procedure")
        .order_by("seq")
    )
    taken_back = {deed.undoes_id for deed in deeds}
    steps = []
    for deed in deeds:
        rule = rules.deeds.get(deed.name)
        if rule and deed.pk not in taken_back and _open_to_enterprise(rules, rule):
            own = bool(deed.doer and deed.doer.enterprise_code == case.enterprise_id)
            steps.append(_step(case, deed, rule, own=own))
    return EnterprisePage(
        case=case,
        state=enterprise_state(case),
        problems=tuple(case.problems.filter(pushed_at__isnull=False).order_by("round", "number")),
        clock=_its_clock(case, at=at),
        steps=tuple(steps),
        deeds=casework.legal_deeds(rules, facts=facts_of(case), actor=actor_of(user, at=at)),
    )


def waiting_for_enterprise(user: User) -> int:
    """Return how many pushed cases wait for the enterprise to act."""
    at = CityClock(settings.FOLDER).now()
    scope = scope_of(user, on=city_date(at))
    return sum(map(_its_turn, enterprise_cases(scope).filter(closed_at=None)))
