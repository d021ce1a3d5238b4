"""The figures in SQL are the figures of the pure definitions, over small random towns."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse

from case_town import Town, build_town
from qingyuan.casework.statistics import CaseRow, WorkTime, definitions, figure, grouped, repeated
from qingyuan.core.periods import city_date
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit import services as audit
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models import (
    CalendarChange,
    Case,
    CaseClock,
    CasePart,
    CaseType,
    ClockExtension,
    ClockPause,
    Deed,
    ProblemItem,
    ProcedureVersion,
)
from qingyuan.web.cases.selectors.screen import screen
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.petitions.models import CallBack, Petition
from qingyuan.web.petitions.selectors.settings import parameter
from qingyuan.web.registry.models import District
from qingyuan.web.statistics import selectors
from qingyuan.web.statistics.models import CaseStay
from qingyuan.web.statistics.selectors.facts import receipt_clocks, strike_states, without_list
from qingyuan.web.statistics.selectors.measures import MEASURES, sides
from qingyuan.web.statistics.services import freshen
from qingyuan.web.statistics.services.stays import spells_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 3, 7, 20, tzinfo=UTC)
NOT_OURS = {"visits_saved", "acceptance_rate"}


def random_town(seed: int) -> None:
    """Sixty cases at every stage, with clocks, extensions, pauses, parts, problems and deeds."""
    town: Town = build_town()
    town.closed(town.open())
    town.do(town.open(title="退回的一件"), "duty", "assign", unit="east", person="east1")
    town.do(Case.objects.get(title="退回的一件"), "east1", "send_back", reason="不属本区")
    chance = random.Random(seed)
    version = ProcedureVersion.objects.get()
    rules = version.rules
    units = {u.code: u for u in Unit.objects.filter(code__in=["east", "west"])}
    people = {"east": town.who("east1"), "west": town.who("west1")}
    districts = list(District.objects.values_list("code", flat=True))
    names = [*rules.clocks]
    for n in range(60):
        opened = NOW - timedelta(minutes=chance.randint(30, 120 * 24 * 60))

        def later(since: datetime, days: float) -> datetime:
            return min(NOW, since + timedelta(minutes=chance.randint(1, int(days * 1440))))

        state = chance.choice([*rules.states.values()])
        given = state.ledger.value != "assign" or chance.random() < 0.6
        assigned = later(opened, 3) if given else None
        signed = later(assigned, 5) if assigned and chance.random() < 0.8 else None
        closed = later(signed or assigned or opened, 40) if state.terminal else None
        where = chance.choice(["east", "west"])
        case = Case.objects.create(
            number=f"T{seed}{n:04d}", procedure=version, state=state.name, ledger=state.ledger.value,
            phase=state.phase.value, round=chance.choice([1, 1, 1, 2]), title="随机", matter="water",
            district_id=chance.choice(districts), origin_kind="manual", origin_ref="x", origin_label="x",
            unit=units[where] if given else None, person=people[where] if given else None,
            opened_by="x", opened_at=opened, assigned_at=assigned, signed_at=signed,
            acted_at=later(signed, 4) if signed and chance.random() < 0.7 else None,
            closed_at=closed, closed_by="x" if closed else None, changed_at=closed or opened,
            due_at=None if closed or chance.random() < 0.2 else opened + timedelta(days=chance.randint(1, 90)),
            immediate=chance.random() < 0.3, truth=chance.choice(["", "proven", "mostly", "partly", "unproven"]),
            progress=chance.choice(["", "", "done", "staged", "open"]),
        )  # fmt: skip
        for word in chance.sample(["water", "air", "noise"], chance.randint(0, 2)):
            CaseType.objects.create(case=case, type=word)
        for name in chance.sample(names, chance.randint(0, 3)):
            start = assigned or opened
            clock = CaseClock.objects.create(
                case=case, round=case.round, name=name, unit="day", length=5, started_at=start,
                stopped_at=closed, due_at=start + timedelta(days=chance.randint(0, 30), hours=chance.randint(0, 9)),
            )  # fmt: skip
            for _ in range(chance.choice([0, 0, 1, 2])):
                ClockExtension.objects.create(clock=clock, amount=2, reason="x", by="x", at=start)
            if chance.random() < 0.4:
                paused = later(start, 10)
                lifted = later(paused, 9) if chance.random() < 0.7 else None
                ClockPause.objects.create(clock=clock, started_at=paused, ended_at=lifted, reason="x", by="x")  # fmt: skip
        if given:
            back = chance.random() < 0.2
            CasePart.objects.create(
                case=case, round=1, role="lead", unit=units[where], person=people[where], given_by="x",
                given_at=assigned, state="returned" if back else "given", returned_at=NOW if back else None,
                ended_by="x" if back else None, ended_at=NOW if back else None,
            )  # fmt: skip
        if chance.random() < 0.6:
            _complaint(case, chance, people["east"])
        if chance.random() < 0.5:
            ProblemItem.objects.create(
                case=case, round=1, number=1, text="x", due_on=date(2026, 12, 1)
            )
        at, steps = opened, chance.choices([*rules.states], k=chance.randint(0, 6))
        for seq, to in enumerate([rules.initial, *steps, state.name], 1):
            Deed.objects.create(case=case, seq=seq, round=1, name="x", to_state=to, by="x", at=at)
            at = later(at, 8) if seq <= len(steps) else at


def _complaint(case: Case, chance: random.Random, officer: object) -> None:
    """Let a citizen have reported it, here or there, and be called back once, twice or never."""
    placed = chance.random() < 0.8
    petition = Petition.objects.create(
        case=case, channel="12345", category="water", received_at=case.opened_at,
        lon=120.0 + chance.randint(0, 6) * 0.0004 if placed else None,
        lat=36.0 + chance.randint(0, 6) * 0.0004 if placed else None,
        reports_count=chance.choice([1, 1, 1, 1, 3]),
    )  # fmt: skip
    for n in range(chance.choice([0, 0, 1, 2])):
        reached = chance.random() < 0.7
        CallBack.objects.create(
            petition=petition, round=1, at=case.opened_at + timedelta(hours=n), by=officer, reached=reached,
            satisfaction=chance.choice(["satisfied", "basically", "unsatisfied"]) if reached else "",
            resolution=chance.choice(["solved", "unsolved"]) if reached else "",
        )  # fmt: skip


def again() -> frozenset[str]:
    """Return the numbers of the cases reported again, as the pure definition finds them."""
    rows = [
        CaseRow(p.case.number, p.received_at, place=(p.lon, p.lat))
        for p in Petition.objects.exclude(lon=None).select_related("case")
    ]
    day = city_date(NOW)
    return repeated(
        rows,
        near_m=float(parameter("repeat_m", on=day)),
        within_days=int(parameter("repeat_days", on=day)),
    )


def row_of(case: Case, again: frozenset[str] = frozenset()) -> CaseRow:
    """Read one case for the pure definitions, through the models."""
    petition = Petition.objects.filter(case=case).first()
    call = petition.callbacks.order_by("-at", "-pk").first() if petition else None
    rules = case.rules
    clocks = [k for k in case.clocks.all() if k.round == case.round and k.part_id is None]
    dues = [k.due_at for k in clocks if k.due_at]
    receipts = [k.due_at for k in clocks if k.name in receipt_clocks(rules) and k.due_at]
    moves = [(d.at, rules.states[d.to_state].phase) for d in case.deeds.order_by("seq")]
    return CaseRow(
        number=case.number,
        opened_at=case.opened_at,
        unit=case.unit.code if case.unit else "",
        person=case.person.username if case.person else "",
        district=case.district_id,
        types=tuple(case.types.values_list("type", flat=True)),
        truth=case.truth,
        progress=case.progress,
        assigned_at=case.assigned_at,
        sign_by=max(receipts, default=None),
        signed_at=case.signed_at,
        acted_at=case.acted_at,
        due_at=max(dues, default=None) if case.closed_at else case.due_at,
        extensions=ClockExtension.objects.filter(clock__case=case).count(),
        pauses=tuple(
            (p.started_at, p.ended_at) for p in ClockPause.objects.filter(clock__case=case)
        ),
        spells=tuple(spells_of(moves)),
        closed_at=case.closed_at,
        struck_at=case.closed_at if case.closed_at and case.state in strike_states(rules) else None,
        evidence=case.evidence.exists(),
        listed=case.problems.exists() or without_list(rules),
        returns=case.parts.filter(role="lead", returned_at__isnull=False).count(),
        reopened=case.round - 1,
        immediate=case.immediate,
        complaint=petition is not None,
        reports=petition.reports_count if petition else 1,
        place=(petition.lon, petition.lat) if petition and petition.lon is not None else None,
        again=case.number in again,
        satisfaction=("unreachable" if not call.reached else call.satisfaction) if call else "",
        solved=call.resolution == "solved" if call and call.reached else None,
    )


def agree(value: selectors.Value, pure: object, *, ranks: bool) -> None:
    assert (value.numerator, value.denominator) == (pure.numerator, pure.denominator)
    assert value.value == pure.value
    for part, number in pure.parts.items():
        if ranks or part not in ("median", "p90"):
            assert value.parts[part] == pytest.approx(number), part


@pytest.mark.parametrize("seed", [1, 2])
def test_sql_says_what_the_definitions_say(seed):
    random_town(seed)
    freshen(at=NOW)
    found = Case.objects.all()
    near = again()
    assert near, "a town in which nobody reports twice tries nothing"
    rows = [row_of(case, near) for case in found]
    work = WorkTime(calendar())
    values = selectors.whole(found, at=NOW)
    number = dict(found.values_list("pk", "number"))
    assert set(values) == set(MEASURES) == set(definitions()) - NOT_OURS
    for name, value in values.items():
        pure = figure(name, rows, at=NOW, calendar=work)
        agree(value, pure, ranks=True)
        asked = {"over": pure.over, "among": pure.among, **pure.part_rows}
        for side in sides(name):
            keys = selectors.numbers(found, name, side, at=NOW)
            assert sorted(number[k] for k in keys) == sorted(asked[side]), (name, side)
    units = {u.code: str(u.pk) for u in Unit.objects.all()} | {"": ""}
    keys = {
        "district": lambda r: r.district,
        "unit": lambda r: units[r.unit],
        "type": lambda r: r.types or ("",),
        "procedure": lambda r: "exceedance",
        "month": lambda r: f"{city_date(r.opened_at):%Y-%m}",
    }
    for by, key in keys.items():
        groups = grouped(rows, key)
        told = selectors.grouped(found, by, at=NOW, names=tuple(MEASURES))
        assert {k: n for k, (n, _) in told.items()} == {k: len(v) for k, v in groups.items()}
        for k, (_n, figures) in told.items():
            for name, value in figures.items():
                agree(value, figure(name, groups[k], at=NOW, calendar=work), ranks=False)


def test_every_number_on_the_page_opens_as_many_rows(client, monkeypatch):
    random_town(3)
    monkeypatch.setattr(CityClock, "now", lambda self: NOW)
    from qingyuan.web.accounts.models import User

    duty = User.objects.get(username="duty")
    client.force_login(duty)
    scope = scope_of(duty, on=city_date(NOW))

    def rows_behind(href: str) -> int:
        seen = screen(QueryDict(href.partition("?")[2]), user=duty, scope=scope, at=NOW)
        return seen.listed.count()

    for by in selectors.GROUPINGS:
        answer = client.get(reverse("statistics"), {"by": by, "opened_from": "2026-07-20"})
        assert answer.status_code == 200
        board = answer.context["board"]
        assert rows_behind(board.href) == board.n
        for line in board.lines.values():
            assert rows_behind(line.cell.among_href) == int(line.cell.among)
            if line.cell.over_href:
                assert rows_behind(line.cell.over_href) == int(line.cell.over)
            for _label, n, href in line.parts:
                assert not href or rows_behind(href) == int(n)
        for group in board.groups:
            assert rows_behind(group.href) == group.n, group.label
            for cell in group.cells:
                assert rows_behind(cell.among_href) == int(cell.among)
                assert not cell.over_href or rows_behind(cell.over_href) == int(cell.over)
    page = client.get(reverse("leader"))
    assert page.status_code == 404, "the duty officer has no business with the leaders' page"
    boss = User.objects.get(username="boss")
    client.force_login(boss)
    shown = client.get(reverse("leader")).context
    for _label, n, href, _tone in shown["page"].figures:
        assert rows_behind(href) == n, _label
    late = {label: n for label, n, *_ in shown["page"].figures}["逾期"]
    assert sum(n for _label, n, _href in shown["page"].lateness) == late
    for _label, n, href in shown["page"].lateness:
        assert rows_behind(href) == n, _label
    for place in [*shown["page"].districts, *shown["page"].units]:
        assert rows_behind(place.open_href) == place.open
        assert rows_behind(place.soon_href) == place.soon
        assert rows_behind(place.late_href) == place.late
        assert (place.worst > 0) == (place.late > 0)
    for person, n, n_late in shown["people"]:
        own = client.get(reverse("leader-items", args=[person.username])).context["page"]
        assert own.figures[0][1] == n
        assert own.figures[1][1] == n_late == len(own.late)
        assert rows_behind(own.figures[0][2]) == n


def test_stays_are_worked_out_again_when_a_case_or_the_calendar_moves():
    random_town(4)
    assert freshen(at=NOW, most=10) == Case.objects.count() - 10
    assert freshen(at=NOW) == 0
    kept = CaseStay.objects.exclude(handle=None).order_by("pk").first()
    CaseStay.objects.filter(pk=kept.pk).update(handle=999)
    assert freshen(at=NOW) == 0
    assert CaseStay.objects.get(pk=kept.pk).handle == 999, "what did not change is not read again"
    Case.objects.filter(pk=kept.pk).update(changed_at=NOW)
    audit.record(actor=audit.SYSTEM, deed="cases.note", target=kept.case.ref, at=NOW)
    freshen(at=NOW)
    assert CaseStay.objects.get(pk=kept.pk).handle == kept.handle
    CaseStay.objects.filter(pk=kept.pk).update(handle=999)
    CalendarChange.objects.create(
        year=2026, start=date(2026, 10, 12), end=date(2026, 10, 12), kind="holiday", name="x",
        notice="x", entered_by="x", entered_at=NOW + timedelta(minutes=1),
    )  # fmt: skip
    freshen(at=NOW + timedelta(minutes=2))
    assert CaseStay.objects.get(pk=kept.pk).handle != 999


def test_a_figure_nobody_defined_shows_nothing():
    random_town(5)
    for query in ("figure=x.over", "figure=closing_rate.x", "figure=closing_rate", "late=7"):
        found = cases.narrowed(Case.objects.all(), at=NOW, **{query.partition("=")[0]: query.partition("=")[2]})  # fmt: skip
        assert not found.exists()


def test_a_filter_nothing_matches_counts_nothing():
    random_town(6)
    none = cases.narrowed(Case.objects.all(), at=NOW, person="查无此人")
    assert selectors.whole(none, at=NOW)["closing_rate"].value is None
    assert selectors.grouped(none, "unit", at=NOW, names=("closing_rate",)) == {}
