"""A bureau with a case of every shipped procedure, in which people press buttons at random.

Every case is opened the way its own office opens it. After each step, lawful or refused, the
invariants of the whole hold (`Bureau.holds`); a broken one names the seed and the step.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q

from case_town import uploads
from inspected_town import PUBLIC_TEXT, InspectedTown, build_inspected_town
from petition_desk import CONTACT, PLACE, Desk
from qingyuan import casework
from qingyuan.casework.clocks import due
from qingyuan.casework.statistics import WorkTime
from qingyuan.core.calendar import HolidaySpan
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem, Problems
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases import selectors, services
from qingyuan.web.cases.models import CalendarChange, Case, CaseClock, CasePart, Deed
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.dust import services as dust
from qingyuan.web.inspections import services as inspections
from qingyuan.web.inspections.models import Item
from qingyuan.web.notices.models import Notice
from qingyuan.web.petitions import services as petitions
from qingyuan.web.petitions.models import Petition, Report
from qingyuan.web.plans import selectors as plan_selectors
from qingyuan.web.plans import services as plans
from qingyuan.web.statistics.services.stays import spells_of

__all__ = ["Bureau"]

CREW = ("duty", "east1", "west1", "second", "head", "vice", "boss", "ent1", "police1", "admin1")
TYPED = "内部所述：联系电话 13800001111"
"""What people type into deeds: it may stand on the case's own page, never in a notice."""
SECRET = [*(v for k, v in CONTACT.items() if k != "note"), "望海路九十九号"]
_GENERAL = ("merge", "split", "sweep", "undo", "calendar", "cards", "batch", "link", "desk")
HANDLE = casework.Ledger.HANDLE.value


@dataclass
class Bureau:
    """The town, its dice, and what was done so far."""

    seed: int
    inspected: InspectedTown = field(default_factory=build_inspected_town)
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.town = self.inspected.town
        self.desk = Desk(at=self.town.at)
        self.dice = random.Random(self.seed)
        self.people = {name: User.objects.get(username=name) for name in CREW}
        self._scheme: Any = None

    # ── opening, each in its office's own way ────────────────────────────────
    def open_all(self) -> dict[str, Case]:
        """Open one case per shipped procedure; return them by procedure."""
        opened: dict[str, Case] = {"exceedance": self.town.open()}
        opened["petition"] = self.desk.register().case
        opened["hotline"] = self._report("hotline_12345").case
        opened["enforcement_audit"] = self._audit()
        opened["inspection_item"] = self.inspected.item(
            self.inspected.batch(), "X3SD202609220001"
        ).case
        opened["inspection_finding"] = inspections.add_finding(
            self.inspected.round, problem="管网雨污混接", goal="消除直排", watcher="市局督察办",
            district_code="379901", matter="water", by=self.people["duty"], at=self.town.at,
        ).case  # fmt: skip
        opened["task"] = self._launched("scheme")
        opened["party_inspection"] = self._launched("rectification", work="measure")
        hazard = {
            "place": "东山路 1 号",
            "risk": "larger",
            "standard": "每周检查",
            "key_point": True,
        }
        opened["hazard"] = self._plain("hazard", **hazard)
        opened["outfall_works"] = self._plain(
            "outfall_works", outfall="O1", found_by="second", trouble="旱天有污水"
        )
        opened["dust_site"] = dust.open_task(
            title="裸土覆盖", trouble="裸土未覆盖", kind="bare", district_code="379901",
            unit=Unit.objects.get(code="east"), person=self.people["east1"],
            co_units=[Unit.objects.get(code="west")], due_on=city_date(self.town.at) + timedelta(9),
            by=self.people["duty"], at=self.town.at,
        )  # fmt: skip
        opened["dust_spot"] = self._plain(
            "dust_spot", spot="RD1", place="长乐街", evidence="3 辆车通过 9 次"
        )
        opened["supervise_slip"] = self._slip(opened["hazard"])
        return opened

    def _plain(self, procedure: str, **form: object) -> Case:
        return self.town.open(
            procedure=procedure, title="东山区隐患", enterprise_id=None, section_code="", form=form
        )

    def _report(self, channel: str, **more: Any) -> Petition:
        self._together()
        return self.desk.register(self.desk.receive(channel=channel, **more))

    def _together(self) -> None:
        """Let the desk's clock and the town's be one."""
        self.town.at = self.desk.at = max(self.town.at, self.desk.at)

    def _audit(self) -> Case:
        """A petition that found nothing, reported again: the finding goes to audit (报有查无)."""
        place = {"lon": PLACE[0] + 0.2, "lat": PLACE[1] - 0.2}
        nothing = self._report("call", **place)
        self.desk.checked(nothing, truth="unproven")
        self._report("call", **place)
        self._together()
        return Case.objects.get(procedure__name="enforcement_audit")

    def _launched(self, kind: str, *, work: str = "task") -> Case:
        head, at = self.people["head"], self.town.at
        plan = plans.make_plan(
            kind=kind, title="专项方案", office=Unit.objects.get(code="bureau"), district_id="379901",
            starts_on=city_date(at), ends_on=date(2026, 12, 31), rhythm="weekly", grace_days=1,
            by=head, at=at,
        )  # fmt: skip
        east1 = self.people["east1"]
        node = plans.add_node(
            plan, parent=None, number="1", title="排查管网", units=["东山分局", "西河分局"],
            person=east1, person_name=east1.name, leader=self.people["vice"],
            leader_name="分管局长", kind=work, by=head, at=at,
        )  # fmt: skip
        self._scheme = plan
        return plans.launch(node, by=head, at=at)

    def _slip(self, hazard: Case) -> Case:
        """A hazard long overdue: the ladder comes to a slip."""
        self.town.at += timedelta(hours=1)
        services.perform(
            case=hazard, deed="assign", by=self.people["duty"], at=self.town.at,
            data={"unit": "east", "person": "east1", "due_on": city_date(self.town.at) + timedelta(3)},
        )  # fmt: skip
        self.town.at += timedelta(days=30)
        services.send_cards(at=self.town.at)
        return Case.objects.filter(procedure__name="supervise_slip").earliest("pk")

    # ── one step ─────────────────────────────────────────────────────────────
    def step(self) -> None:
        """Do something, lawful or not; whatever is refused leaves nothing behind."""
        self.town.at += timedelta(hours=self.dice.choice([0, 1, 1, 6, 30, 120]))
        self._together()
        act = self.dice.choice(_GENERAL) if self.dice.random() < 0.2 else "deed"
        before = self._counts()
        try:
            with transaction.atomic():
                said = getattr(self, f"_{act}")()
        except (Problem, Problems) as refused:
            said = f"{act}: {getattr(refused, 'code', refused)}"
            assert self._counts() == before, f"{said} left something behind"
        self.done.append(said)

    def _counts(self) -> tuple[int, ...]:
        tables = (Case, Deed, Entry, Notice, CaseClock, CasePart, Report, CalendarChange)
        return tuple(table.objects.count() for table in tables)

    def _any(self, **only: Any) -> Case:
        found = Case.objects.filter(**only).order_by("pk")
        if not found.exists():
            raise Problem("cases.link_itself")
        return self.dice.choice(list(found))

    def _deed(self) -> str:
        """A deed somebody may begin, mostly; filled in well or badly."""
        case = self._any(closed_at=None) if self.dice.random() < 0.9 else self._any()
        rules, facts = case.rules, selectors.facts_of(case)
        options = [
            (deed, who)
            for who, person in self.people.items()
            for deed in casework.legal_deeds(
                rules, facts=facts, actor=selectors.actor_of(person, at=self.town.at)
            )
        ]
        if not options or self.dice.random() < 0.05:
            deed, who = self.dice.choice(list(rules.deeds.values())), self.dice.choice(CREW)
        else:
            moving = [o for o in options if o[0].chain or o[0].to not in ("=", case.state)]
            deed, who = self.dice.choice(moving if moving and self.dice.random() < 0.7 else options)
        well = self.dice.random() < 0.8
        data = {f.name: v for f in deed.fields if (v := self._value(f, well)) not in ("", [])}
        kinds = sorted({*deed.offers, *(k for need in deed.evidence for k in need.kinds)})
        handed = [k for k in kinds if self.dice.random() < (0.95 if well else 0.4)]
        services.perform(
            case=case, deed=deed.name, by=self.people[who], at=self.town.at, data=data,
            evidence=uploads(*handed),
        )  # fmt: skip
        return f"{case.number} {deed.name} by {who}"

    def _value(self, asked: casework.Field, well: bool) -> object:
        dice, day = self.dice, city_date(self.town.at)
        match asked.kind:
            case "date":
                return day + timedelta(days=dice.randint(0 if well else -3, 12))
            case "day_time":
                return self.town.at
            case "days":
                return dice.randint(1, 5 if well else 90)
            case "number":
                return Decimal(dice.randint(0, 40))
            case "yes":
                return dice.random() < 0.5
            case "types":
                return dice.sample(["water", "air", "noise"], dice.randint(0, 2))
            case "units":
                return dice.sample(["west:west1", "police:police1"], dice.randint(0, 2))
            case "problems":
                return ["私设管道", "台账缺失"][: dice.randint(0 if not well else 1, 2)]
            case "choice":
                return dice.choice(sorted(asked.choices))
            case "unit":
                return dice.choice(["east", "east", "west", "police"])
            case "person":
                return dice.choice(["east1", "east1", "second", "west1", "police1"])
            case "enterprise":
                return "E1"
        if asked.name == "into":
            return self._any().number
        return TYPED if well or dice.random() < 0.7 else ""

    def _who(self) -> User:
        return self.people[self.dice.choice(("duty", "duty", "head", "vice", "east1"))]

    def _merge(self) -> str:
        case, into = self._any(), self._any()
        services.merge(cases=[case], into=into, by=self._who(), at=self.town.at, reason=TYPED)
        return f"merge {case.number} into {into.number}"

    def _split(self) -> str:
        case = self._any()
        parts = [services.SplitPart("东侧"), services.SplitPart("西侧", district_code="379902")]
        services.split(case=case, parts=parts, by=self._who(), at=self.town.at, reason=TYPED)
        return f"split {case.number}"

    def _sweep(self) -> str:
        case = self._any()
        things = [
            services.SweepObject("place", f"place:{self.dice.randint(1, 3)}", "点位", "379902")
        ]
        services.sweep(case=case, objects=things, by=self._who(), at=self.town.at)
        return f"sweep {case.number}"

    def _link(self) -> str:
        case, other = self._any(), self._any()
        services.link(case=case, other=other, kind="same_source", by=self._who(), at=self.town.at)
        return f"link {case.number}"

    def _undo(self) -> str:
        last = Deed.objects.exclude(before=None).exclude(doer=None).order_by("-at", "-pk").first()
        case = last.case if last else self._any()
        by = last.doer if last and last.doer else self._who()
        services.undo_last(case=case, by=by, at=self.town.at)
        return f"undo {case.number}"

    def _calendar(self) -> str:
        held = CalendarChange.objects.filter(withdrawn_at=None).first()
        if held is not None:
            services.withdraw_change(held, by=self.people["admin1"], at=self.town.at)
            return "calendar as before"
        day = city_date(self.town.at) + timedelta(days=self.dice.randint(1, 9))
        span = HolidaySpan(day.year, day, day, "holiday", "台风", "市府通知")
        services.change_calendar(span=span, by=self.people["admin1"], at=self.town.at)
        return f"calendar without {day}"

    def _cards(self) -> str:
        services.send_cards(at=self.town.at)
        return "cards"

    def _batch(self) -> str:
        case, other = self._any(), self._any()
        deed = self.dice.choice(sorted(case.rules.deeds))
        services.perform_many(
            cases=[case, other], deed=deed, by=self._who(), at=self.town.at,
            data={"unit": "east", "person": "east1", "reason": TYPED, "opinion": TYPED},
        )  # fmt: skip
        return f"batch {deed}"

    def _desk(self) -> str:
        """What the offices do beside the cases: a second report, confirmed texts, looks, reminders."""
        by, at = self.people["head"], self.town.at
        match self.dice.choice(("report", "confirm", "look", "remind")):
            case "report":
                open_ones = list(Petition.objects.filter(case__closed_at=None).order_by("pk"))
                report = self.desk.receive()
                petitions.merge_into(
                    report, self.dice.choice(open_ones), by=self.people["duty"], at=self.desk.at
                )
            case "confirm":
                inspections.confirm(
                    self.dice.choice(list(Item.objects.order_by("pk"))), PUBLIC_TEXT, by=by, at=at
                )
            case "look":
                report = self.dice.choice(list(Report.objects.order_by("pk")))
                petitions.look(report, by=self.people["duty"], reason="回访", at=at)
            case "remind":
                span = plan_selectors.current_span(self._scheme, at=at)
                plans.remind(self._scheme, span, by=by, at=at)
        return "desk"

    # ── what always holds ────────────────────────────────────────────────────
    def holds(self, *, whole: bool = False) -> None:
        """Check what always holds, of the cases touched now or of all; name the seed and the steps."""
        found = Case.objects.select_related("procedure", "unit", "person").order_by("pk")
        if not whole:
            found = found.filter(deeds__at=self.town.at).distinct()
        try:
            for case in found:
                for law in _LAWS:
                    law(case)
            _one_ledger()
            _nothing_told(None if whole else self.town.at)
        except AssertionError as broken:
            raise AssertionError(f"seed {self.seed}, after {self.done[-3:]}: {broken}") from broken

    def holds_at_the_end(self) -> None:
        """Check what takes longer: the whole chain, and that phases add up to elapsed time."""
        assert audit.verify() is None
        work = WorkTime(calendar())
        for case in Case.objects.select_related("procedure"):
            states = case.rules.states
            moves = case.deeds.order_by("seq").values_list("at", "to_state")
            spells = spells_of((at, states[to].phase) for at, to in moves if to in states)
            end = case.closed_at or self.town.at
            parts = [(s.end or end) - s.start for s in spells]
            assert sum(parts, timedelta()) == end - case.opened_at, case.number
            assert spells[-1].phase.value == case.phase
            for clock in case.clocks.prefetch_related("pauses", "extensions"):
                _counts_right(clock, work, end)


def _one_ledger() -> None:
    """Each case in exactly one ledger, that of its state; the ledgers add up to all there are."""
    counted = dict(Case.objects.order_by().values_list("ledger").annotate(n=Count("pk")))
    assert sum(counted.values()) == Case.objects.count()
    assert set(counted) <= {x.value for x in casework.Ledger}


def _nothing_told(at: datetime | None) -> None:
    """No notice holds who complained or what people typed; the chain never holds who complained."""
    told, written = Notice.objects.all(), Entry.objects.all()
    if at is not None:
        told, written = told.filter(at=at), written.filter(city_at=at)
    for n in told:
        words = f"{n.title_zh} {n.title_en} {n.body_zh} {n.body_en} {n.url}"
        assert TYPED not in words, n.title
        assert not any(secret in words for secret in SECRET), n.title
    for detail in written.values_list("detail", flat=True):
        assert not any(secret in str(detail) for secret in SECRET), detail


def _stands(case: Case) -> None:
    state = case.rules.states[case.state]
    assert (case.ledger, case.phase) == (state.ledger.value, state.phase.value), case.number
    assert (case.closed_at is not None) == state.terminal, case.number


def _somebody(case: Case) -> None:
    """No case without person and deadline after assignment, but one handed back to be assigned."""
    lead = list(case.parts.filter(role="lead", ended_at=None))
    held = [(p.unit_id, p.person_id) for p in lead]
    assert held == ([(case.unit_id, case.person_id)] if case.unit_id else []), case.number
    if case.ledger == HANDLE:
        assert case.person_id, f"{case.number} has nobody in {case.state}"
        assert case.clocks.exists(), f"{case.number} has no deadline in {case.state}"


def _parts_fit(case: Case) -> None:
    open_parts = case.parts.filter(ended_at=None)
    assert not open_parts.filter(state=CasePart.State.RETURNED).exists(), case.number
    if case.closed_at is not None:
        assert not open_parts.exclude(role="lead").exists(), f"{case.number} ended with open parts"
    bad = Q(ended_at__lt=F("given_at")) | Q(signed_at__lt=F("given_at")) | Q(round__gt=case.round)
    assert not case.parts.filter(bad).exists(), case.number


def _line_by_line(case: Case) -> None:
    """The timeline is whole: numbered, in time, each from where the last ended, each in the chain."""
    rows = list(case.deeds.order_by("seq"))
    assert [r.seq for r in rows] == list(range(1, len(rows) + 1)), case.number
    for before, after in pairwise(rows):
        assert before.at <= after.at, case.number
        assert before.to_state == after.from_state, (case.number, before.name, after.name)
    assert rows[-1].to_state == case.state, case.number


def _evidence(case: Case) -> None:
    """No strike-off without the evidence its deed asks for, in the round it was struck off in."""
    last = case.deeds.exclude(name__in=["undo", "card", "urge"]).order_by("-seq").first()
    if case.closed_at is None or last is None:
        return
    ended = next((d for d in case.deeds.order_by("-seq") if d.to_state == case.state and d.from_state != case.state), None)  # fmt: skip
    rule = case.rules.deeds.get(ended.name) if ended else None
    if ended is None or rule is None:
        return
    filed = set(case.evidence.filter(round=ended.round).values_list("kind", flat=True))
    for need in rule.evidence:
        said = str(ended.given.get(need.or_field or "", "")).strip()
        assert filed & set(need.kinds) or said, (case.number, need.kinds)
    if rule.strike_off:
        for chain in case.rules.chains.values():
            if chain.passed_to in rule.states and set(rule.states) == {chain.passed_to}:
                signed = case.signoffs.filter(round=ended.round, cleared_at=None)
                assert signed.values("signer").distinct().count() == len(chain.steps), case.number


def _clocks_fit(case: Case) -> None:
    """One running row a clock; ends as the calendar says; nothing runs on after the end."""
    days, ends = calendar(), []
    for clock in case.clocks.filter(stopped_at=None).prefetch_related("pauses", "extensions"):
        end = due(clock.record(), calendar=days)
        assert clock.due_at == end, (case.number, clock.name, clock.due_at, end)
        assert end is None or end > clock.started_at, (case.number, clock.name)
        if clock.part_id is None and end is not None:
            ends.append(end)
        assert clock.part_id is None or clock.part.ended_at is None, (case.number, clock.name)
        assert case.closed_at is None, f"{clock.name} of {case.number} runs on in {case.state}"
    assert case.due_at == min(ends, default=None), case.number


def _counts_right(clock: CaseClock, work: WorkTime, end: Any) -> None:
    """What a clock counted and what it was paused make its span."""
    record, last = clock.record(), clock.stopped_at or end
    held = [(p.start, p.end or last) for p in record.pauses]
    whole = work.between(city_date(clock.started_at), city_date(last))
    counted = work.days(clock.started_at, last, held)
    assert 0 <= counted <= whole, clock
    for (_, first_end), (second_start, _) in pairwise(held):
        assert first_end <= second_start, f"{clock}: pauses overlap"


_LAWS: tuple[Callable[[Case], None], ...] = (
    _stands, _somebody, _parts_fit, _line_by_line, _evidence, _clocks_fit,
)  # fmt: skip
