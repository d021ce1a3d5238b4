"""Random walks over every shipped procedure never break what a bureau lives by."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from qingyuan.casework import Actor, Ledger, Move, shipped
from qingyuan.casework.clocks import Clock, Extension, Pause, due, due_day
from qingyuan.casework.decide import legal_deeds, missing
from qingyuan.casework.simulate import Moment, advance, begin
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import CITY_TZ, city_date
from qingyuan.core.problems import Problem

title = "随机走查 / random walks"

CALENDAR = WorkCalendar.official()
START = datetime(2026, 7, 6, 9, tzinfo=CITY_TZ)
CREW = [
    Actor(name, frozenset({role}), frozenset({"city", "laixi"}), "plant" if role == "enterprise" else None)
    for name, role in [
        ("duty", "duty_officer"),
        ("officer", "district_officer"),
        ("second", "district_officer"),
        ("head", "department_head"),
        ("vice", "vice_leader"),
        ("boss", "leader"),
        ("plant", "enterprise"),
        ("root", "system_admin"),
    ]
]  # fmt: skip


def _value(kind: str, draw, at: datetime, choices) -> object:
    match kind:
        case "date":
            return city_date(at) + timedelta(days=draw(st.integers(-1, 20)))
        case "days":
            return draw(st.integers(0, 12))
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


@st.composite
def walks(draw):
    """Yield each moment of a walk in which people press buttons, well or badly filled."""
    procedure = shipped()[draw(st.sampled_from(sorted(shipped())))]
    moment = begin(procedure, enterprise=draw(st.sampled_from(["plant", None])))
    at, path = START, [moment]
    for _ in range(draw(st.integers(5, 40))):
        options = [
            (deed, actor)
            for actor in CREW
            for deed in legal_deeds(procedure, facts=moment.facts, actor=actor)
        ]
        assert options, f"the case is stuck in {moment.facts.state}"
        deed, actor = draw(st.sampled_from(options))
        at += timedelta(hours=draw(st.sampled_from([0, 1, 5, 30, 200])))
        values = {f.name: _value(f.kind, draw, at, f.choices) for f in deed.fields}
        kinds = [*deed.offers, *(k for need in deed.evidence for k in need.kinds)]
        handed = frozenset(draw(st.lists(st.sampled_from(kinds), max_size=4)) if kinds else ())
        with suppress(Problem):
            moment = advance(procedure, moment, Move(deed.name, actor, at, values, handed))
            path.append(moment)
    return procedure, path


ORDER = [
    "reopen", "resume", "assign", "sign", "close_out", "close_unfounded", "sign_pass",
    "recheck_pass", "submit", "rectify_by_unit", "push", "list_problems", "check_onsite",
]  # fmt: skip
FRESH = Actor("fresh", frozenset({"district_officer"}), frozenset({"laixi"}))


def _steer(procedure, moment: Moment, hand, *, tries: int) -> Moment:
    """Press the most promising button until the case is struck off or *tries* are used up."""
    at = START + timedelta(days=400)
    for _ in range(tries):
        if moment.step and moment.step.strike_off:
            break
        options = {
            (deed.name, actor.id): (deed, actor)
            for actor in [*CREW, FRESH]
            for deed in legal_deeds(procedure, facts=moment.facts, actor=actor)
        }
        name, who = min(options, key=lambda o: ORDER.index(o[0]) if o[0] in ORDER else 99)
        deed, actor = options[name, who]
        at += timedelta(hours=1)
        plain = {
            "date": city_date(at),
            "problems": ["甲"],
            "unit": "laixi",
            "person": "officer",
        }
        values = {f.name: plain.get(f.kind, "已办") for f in deed.fields if f.required}
        move = Move(name, actor, at, values, hand())
        with suppress(Problem):
            moment = advance(procedure, moment, move)
    return moment


@settings(
    max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(walks())
def test_what_holds_on_every_walk(walk):
    procedure, path = walk
    for moment in path:
        state = procedure.states[moment.facts.state]
        # every case is in exactly one ledger
        holders = [x for x in Ledger if state.name in procedure.states_of(x)]
        assert holders == [moment.ledger]
        # no deadline before its assignment
        for rows in moment.clocks.values():
            for clock in rows:
                ends = due_day(clock, calendar=CALENDAR)
                assert ends is None or ends >= city_date(clock.start)
            assert sum(c.stopped is None for c in rows) <= 1
        # nobody without person and running deadline once assigned and not yet concluded
        if moment.ledger is Ledger.HANDLE:
            assert moment.facts.person is not None
            assert moment.facts.clocks["handle"] in ("running", "paused")
        # nothing runs on after the end
        if state.terminal:
            assert set(moment.facts.clocks.values()) <= {"stopped"}
            assert missing(procedure, facts=moment.facts) == ()


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(walks(), st.data())
def test_a_case_never_closes_without_its_evidence(walk, data):
    """However carelessly evidence is handed in, a strike-off had all of it and three signatures."""
    procedure, path = walk
    kinds = sorted(procedure.evidence)
    some = st.frozensets(st.sampled_from(kinds), max_size=3)
    last = _steer(procedure, path[-1], lambda: data.draw(some), tries=30)
    if not (last.step and last.step.strike_off):
        return
    event("struck off")
    for need in procedure.deeds[last.step.deed].evidence:
        assert last.facts.evidence & set(need.kinds)
    assert len(set(last.facts.signers)) == 3
    if last.step.deed == "close_out":
        checked = last.facts.done_by.get("check_onsite", frozenset())
        assert last.facts.done_by["recheck_pass"] - checked


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(walks())
def test_people_of_good_will_can_close_a_case_from_anywhere(walk):
    procedure, path = walk
    last = _steer(procedure, path[-1], lambda: frozenset(procedure.evidence), tries=60)
    assert last.step is not None
    assert last.step.strike_off, f"never struck off; stands at {last.facts.state}"


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
