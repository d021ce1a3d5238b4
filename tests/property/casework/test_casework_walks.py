"""Random walks over every shipped procedure never break what a bureau lives by."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from heapq import heappop, heappush

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from qingyuan.casework import Actor, Deed, Ledger, Move, Procedure, shipped
from qingyuan.casework.clocks import Clock, Extension, Pause, due, due_day, remaining
from qingyuan.casework.decide import missing, why_not
from qingyuan.casework.guards import mark_of
from qingyuan.casework.simulate import Moment, advance, begin
from qingyuan.casework.statistics import CaseRow, Spell, WorkTime, timing
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import CITY_TZ, city_date
from qingyuan.core.problems import Problem

title = "随机走查 / random walks"

CALENDAR = WorkCalendar.official()
WORK = WorkTime(CALENDAR)
START = datetime(2026, 7, 6, 9, tzinfo=CITY_TZ)
CREW = [
    Actor(name, frozenset({role}), frozenset({"city", "laixi"}), "plant" if role == "enterprise" else None)
    for name, role in [
        ("duty", "duty_officer"),
        ("officer", "district_officer"),
        ("second", "district_officer"),
        ("head", "department_head"),
        ("deputy", "department_head"),
        ("vice", "vice_leader"),
        ("boss", "leader"),
        ("plant", "enterprise"),
        ("root", "system_admin"),
    ]
]  # fmt: skip
QUICK = [HealthCheck.too_slow, HealthCheck.data_too_large]


def _value(kind: str, draw, at: datetime, choices) -> object:
    match kind:
        case "date":
            return city_date(at) + timedelta(days=draw(st.integers(-1, 20)))
        case "day_time":
            return at
        case "days":
            return draw(st.integers(0, 12))
        case "number":
            return draw(st.sampled_from([Decimal("1.5"), 3, "many"]))
        case "yes":
            return draw(st.booleans())
        case "types":
            return draw(st.lists(st.sampled_from(["water", "air"]), max_size=2))
        case "units":
            return draw(st.lists(st.sampled_from(["laixi", "north"]), max_size=2, unique=True))
        case "problems":
            return draw(st.lists(st.just("私设管道"), max_size=2))
        case "choice":
            return draw(st.sampled_from([*choices, "没有这项"]))
        case "enterprise":
            return "plant"
        case "unit":
            return "laixi"
        case "person":
            return "officer"
    return draw(st.sampled_from(["已办", ""]))


def _well(field, at: datetime) -> object:
    """Return a value nobody could find fault with."""
    good = {
        "date": city_date(at),
        "day_time": at,
        "days": 1,
        "number": 1,
        "yes": True,
        "types": ["water"],
        "units": ["north"],
        "problems": ["甲"],
        "unit": "laixi",
        "person": "officer",
        "enterprise": "plant",
    }
    return next(iter(field.choices)) if field.kind == "choice" else good.get(field.kind, "已办")


@cache
def words_of(name: str) -> frozenset[str]:
    """Return the marks the procedure asks about."""
    asked = (mark_of(g) for deed in shipped()[name].deeds.values() for g in deed.guards)
    return frozenset(found[0] for found in asked if found)


def _marked(procedure: Procedure, deed: Deed) -> frozenset[str]:
    """Return the marks under which no mark stands in the way of *deed*."""
    asked = [mark_of(g) for g in deed.guards]
    return frozenset(found[0] for found in asked if found and found[1])


def _enters_handling(procedure: Procedure, moment: Moment, deed: Deed) -> bool:
    targets = procedure.targets(deed, moment.facts.state)
    ledgers = {procedure.states[t].ledger for t in targets}
    return _assigns(procedure) and Ledger.HANDLE in ledgers and moment.ledger is not Ledger.HANDLE


def _options(
    procedure: Procedure, moment: Moment, crew
) -> list[tuple[Deed, Actor, frozenset[str]]]:
    """Return every deed somebody could begin, with marks that allow it."""
    found = []
    for deed in procedure.deeds.values():
        if moment.facts.state not in deed.states:
            continue
        marks = _marked(procedure, deed)
        if marks and moment.facts.person is None and _enters_handling(procedure, moment, deed):
            continue  # a mark that lets a case into handling says that it was assigned
        facts = replace(moment.facts, marks=marks)
        found += [
            (deed, actor, marks)
            for actor in crew
            if why_not(procedure, deed, facts=facts, actor=actor) is None
        ]
    return found


@st.composite
def walks(draw):
    """Yield each moment of a walk in which people press buttons, well or badly filled."""
    procedure = shipped()[draw(st.sampled_from(sorted(shipped())))]
    moment = begin(procedure, enterprise=draw(st.sampled_from(["plant", None])))
    words = sorted(words_of(procedure.name))
    at, path = START, [(START, None, moment)]
    for _ in range(draw(st.integers(3, 25))):
        options = _options(procedure, moment, CREW)
        if not options:
            assert procedure.states[moment.facts.state].terminal, f"stuck in {moment.facts.state}"
            break
        deed, actor, marks = draw(st.sampled_from(options))
        at += timedelta(hours=draw(st.sampled_from([0, 1, 5, 30, 200])))
        values = {f.name: _value(f.kind, draw, at, f.choices) for f in deed.fields}
        kinds = [*deed.offers, *(k for need in deed.evidence for k in need.kinds)]
        handed = frozenset(draw(st.lists(st.sampled_from(kinds), max_size=4)) if kinds else ())
        if words and draw(st.booleans()):
            marks = frozenset(draw(st.lists(st.sampled_from(words), max_size=3)))
        with suppress(Problem):
            after = advance(procedure, moment, Move(deed.name, actor, at, values, handed, marks))
            path.append((at, moment, after))
            moment = after
    return procedure, path


@cache
def distances(name: str) -> dict[str, int]:
    """Return how many deeds each state lies from an end."""
    procedure = shipped()[name]
    found = {s.name: 0 for s in procedure.states.values() if s.terminal}
    while True:
        grown = {}
        for deed in procedure.deeds.values():
            for state in deed.states:
                ends = [
                    found[t] for t in procedure.targets(deed, state) if t in found and t != state
                ]
                if ends and state not in found:
                    grown[state] = min([*ends, *([grown[state] - 1] if state in grown else [])]) + 1
        if not grown:
            return found
        found |= grown


def _crew(step: int) -> list[Actor]:
    """Return people who did nothing yet, the one responsible and the enterprise."""
    everywhere = frozenset({"city", "laixi", "north"})
    roles = sorted({role for actor in CREW for role in actor.roles} - {"enterprise"})
    fresh = [Actor(f"{role}-{step}", frozenset({role}), everywhere) for role in roles]
    return [*fresh, *(a for a in CREW if a.id in ("officer", "plant"))]


def _key(moment: Moment) -> tuple[object, ...]:
    facts = moment.facts
    return (
        facts.state,
        facts.person is None,
        facts.enterprise is None,
        (facts.problems > 0, facts.problems_open > 0, facts.extension_asked is None),
        len(facts.signers),
        frozenset(facts.clocks.items()),
        tuple((p.role, p.state) for p in facts.parts),
        facts.evidence,
    )


def _steer(procedure: Procedure, moment: Moment, at: datetime, hand, *, tries: int) -> Moment:
    """Search for a way to the end, the nearest state first; the best found after *tries* deeds."""
    far, seen = distances(procedure.name), {_key(moment)}
    heap = [(far.get(moment.facts.state, 99), 0, moment)]
    count = 0
    while heap and count < tries:
        _, _, moment = heappop(heap)
        if procedure.states[moment.facts.state].terminal:
            return moment
        options = _options(procedure, moment, _crew(count))
        assert options, f"stuck in {moment.facts.state}"
        for deed, actor, marks in options:
            count += 1
            when = at + timedelta(hours=count)
            values = {f.name: _well(f, when) for f in deed.fields}
            with suppress(Problem):
                move = Move(deed.name, actor, when, values, hand(), marks)
                after = advance(procedure, moment, move)
                if _key(after) not in seen:
                    seen.add(_key(after))
                    heappush(heap, (far.get(after.facts.state, 99), count, after))
    return moment


def _assigns(procedure: Procedure) -> bool:
    return any(e.name == "assign_responsible" for e in procedure.effects)


@settings(max_examples=80, deadline=None, suppress_health_check=QUICK)
@given(walks())
def test_what_holds_on_every_walk(walk):
    procedure, path = walk
    for _, before, moment in path:
        state = procedure.states[moment.facts.state]
        # every case is in exactly one ledger
        holders = [x for x in Ledger if state.name in procedure.states_of(x)]
        assert holders == [moment.ledger]
        # every step is a deed of the procedure, possible where the case stood
        if before is not None:
            deed = procedure.deeds[moment.step.deed]
            assert before.facts.state in deed.states
            assert moment.facts.state in procedure.targets(deed, before.facts.state)
        # no deadline before its assignment, and one running row of a clock at most
        for rows in moment.clocks.values():
            for clock in rows:
                ends = due_day(clock, calendar=CALENDAR)
                assert ends is None or ends >= city_date(clock.start)
            assert sum(c.stopped is None for c in rows) <= 1
        # nobody without person and deadline once it is in hand
        if moment.ledger is Ledger.HANDLE and _assigns(procedure):
            assert moment.facts.person is not None, (procedure.name, state.name)
            assert moment.facts.clocks, (procedure.name, state.name)
        # nothing runs on after the end
        if state.terminal:
            assert set(moment.facts.clocks.values()) <= {"stopped"}
            assert missing(procedure, facts=moment.facts) == ()


@settings(max_examples=40, deadline=None, suppress_health_check=QUICK)
@given(walks())
def test_the_phases_add_up_to_the_time_the_case_took(walk):
    _, path = walk
    spells = [
        Spell(moment.phase, at, end)
        for (at, _, moment), end in zip(
            path, [*(later[0] for later in path[1:]), path[-1][0]], strict=True
        )
    ]
    row = CaseRow("x", path[0][0], spells=tuple(spells))
    told = timing(row, at=path[-1][0], work=WORK)
    assert sum(told.phases.values()) == told.elapsed
    # a clock of working days: what it counted and what it was paused make its span
    for rows in path[-1][2].clocks.values():
        for clock in rows:
            end = clock.stopped or path[-1][0]
            held = [(p.start, p.end or end) for p in clock.pauses]
            whole = WORK.between(city_date(clock.start), city_date(end))
            counted = WORK.days(clock.start, end, held)
            assert 0 <= counted <= whole
            if not held:
                assert counted == whole
                left = remaining(clock, at=clock.start, calendar=CALENDAR)
                if clock.unit == "workday" and clock.length:
                    assert left.workdays == clock.length + clock.extended


@settings(max_examples=50, deadline=None, suppress_health_check=QUICK)
@given(walks(), st.data())
def test_a_case_never_closes_without_its_evidence(walk, data):
    """However carelessly evidence is handed in, a strike-off had all of it and every signature."""
    procedure, path = walk
    kinds = sorted(procedure.evidence)
    some = st.frozensets(st.sampled_from(kinds), max_size=3)
    at = START + timedelta(days=400)
    last = _steer(procedure, path[-1][2], at, lambda: data.draw(some), tries=60)
    if not (last.step and last.step.strike_off):
        return
    event(f"{procedure.name} struck off")
    for need in procedure.deeds[last.step.deed].evidence:
        assert last.facts.evidence & set(need.kinds) or need.or_field
    if last.step.deed == "close_out" and procedure.name == "exceedance":
        assert len(set(last.facts.signers)) == 3
        checked = last.facts.done_by.get("check_onsite", frozenset())
        assert last.facts.done_by["recheck_pass"] - checked


@pytest.mark.parametrize("name", sorted(shipped()))
def test_people_of_good_will_can_end_a_case_from_its_beginning(name):
    procedure = shipped()[name]
    for enterprise in ("plant", None):
        moment = begin(procedure, enterprise=enterprise)
        last = _steer(procedure, moment, START, lambda: frozenset(procedure.evidence), tries=4000)
        assert procedure.states[last.facts.state].terminal, f"stands at {last.facts.state}"


@settings(max_examples=30, deadline=None, suppress_health_check=QUICK)
@given(walks())
def test_people_of_good_will_can_end_a_case_from_anywhere(walk):
    procedure, path = walk
    at = START + timedelta(days=400)
    last = _steer(procedure, path[-1][2], at, lambda: frozenset(procedure.evidence), tries=4000)
    assert procedure.states[last.facts.state].terminal, f"stands at {last.facts.state}"


@given(
    start=st.integers(0, 1500),
    unit=st.sampled_from(["workday", "day", "hour"]),
    length=st.integers(1, 30),
    extension=st.integers(0, 10),
    pauses=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300)), max_size=3),
)
def test_pauses_and_extensions_never_shorten(start, unit, length, extension, pauses):
    begun = datetime(2022, 1, 3, 9, tzinfo=CITY_TZ) + timedelta(days=start)
    plain = Clock(begun, unit, length)
    held, at = [], begun
    for wait, lasting in pauses:
        at += timedelta(hours=wait)
        held.append(Pause(at, at + timedelta(hours=lasting)))
        at += timedelta(hours=lasting)
    more = Clock(
        begun,
        unit,
        length,
        pauses=tuple(held),
        extensions=(Extension(extension),) if extension else (),
    )
    first, last = due(plain, calendar=CALENDAR), due(more, calendar=CALENDAR)
    assert first is not None
    assert last is not None
    assert begun < first <= last


@given(start=st.dates(date(2020, 1, 1), date(2027, 6, 1)), n=st.integers(1, 60))
def test_a_term_ends_on_a_workday_and_counts_its_days(start, n):
    end = CALENDAR.add_working_days(start, n)
    assert CALENDAR.is_workday(end)
    assert CALENDAR.working_days_between(start, end) == n
    assert CALENDAR.add_working_days(end, -n) <= start or CALENDAR.is_workday(start)
