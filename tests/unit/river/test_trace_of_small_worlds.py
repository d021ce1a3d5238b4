from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from qingyuan.river import Event, EventFactor, FlowReading, MonitorReading, Sample, trace
from qingyuan.river.worlds import NOW, line_of


@pytest.fixture(scope="module")
def event() -> Event:
    return line_of(4, velocity_m_s=0.5, reach_m=900).alarm(at="d", released_from="b")


@pytest.mark.parametrize("culprit", ["a", "b", "c"])
def test_the_culprit_of_four_nodes_is_found(culprit: str) -> None:
    answer = trace(line_of(4).alarm(at="d", released_from=culprit))
    assert answer.candidates[0].outfall == culprit
    assert answer.candidates[0].probability > 0.8
    assert answer.none < 0.1


def test_release_time_and_mass_of_the_culprit(event: Event) -> None:
    # the front reached d three hours before now (two, and half of two hours); 1790 m at 0.5 m/s
    best = trace(event).candidates[0]
    assert best.release_start is not None
    true_start = NOW - timedelta(hours=3) - timedelta(seconds=1790 / 0.5)
    off = abs((best.release_start.p50 - true_start).total_seconds())
    assert off < 1800
    # 0.05 m³/s × 12 × 10 mg/L × 2 h × 3.6 = 43.2 kg of ammonia
    assert best.mass_kg["w21003"].p50 == pytest.approx(43.2, rel=0.4)


def test_bits_of_evidence_add_up_to_the_ranking(event: Event) -> None:
    import numpy as np

    answer = trace(event)
    first, second = answer.candidates[:2]
    told = sum(e.bits for e in first.evidence) - sum(e.bits for e in second.evidence)
    assert told == pytest.approx(np.log2(first.probability / second.probability), abs=0.05)
    assert [e.kind for e in first.evidence][:2] == ["prior", "timing"]
    assert all(e.says and e.says_en for e in first.evidence)


def test_one_factor_alone_points_to_the_sensor(event: Event) -> None:
    quiet = {"w01018": 12.0, "w21011": 0.06}
    readings = []
    for i, r in enumerate(event.readings):
        lone = r.section_id == "d" and r.factor == "w21003"
        base = {"w21003": 0.3, **quiet}[r.factor] * (1 + 0.1 * ((i * 37 % 19) / 9 - 1))
        readings.append(r if lone else r._replace(value=base))
    answer = trace(replace(event, readings=tuple(readings)))
    assert answer.none_kind["sensor"] > 0.8
    assert answer.set90 == ("none",)


def test_a_suspect_behind_a_closed_gate_is_connected_but_undated(event: Event) -> None:
    gate = event.reaches[0]._replace(kind="gate", flow_m3_s=0.0)
    answer = trace(replace(event, reaches=(gate, *event.reaches[1:])))
    by_name = {c.outfall: c for c in answer.candidates}
    assert by_name["a"].undated
    assert by_name["a"].release_start is None
    assert not by_name["b"].undated
    assert any("无法定时" in zh for zh, _ in answer.caveats)


def test_a_silent_monitor_keeps_its_prior(event: Event) -> None:
    marked = tuple(o._replace(online=o.outfall_id == "b") for o in event.outfalls)
    silent = trace(replace(event, outfalls=marked))
    best = silent.candidates[0]
    assert (best.outfall, best.monitor) == ("b", "silent")
    assert next(e.bits for e in best.evidence if e.kind == "online") == 0
    assert best.probability == pytest.approx(trace(event).candidates[0].probability)


def test_a_jump_of_the_own_monitor_speaks_against_it(event: Event) -> None:
    def monitor(jump: bool) -> tuple[MonitorReading, ...]:
        rows = []
        for h in range(72):
            inside = 3.0 <= h <= 4.5
            value = (80.0 if jump and inside else 10.0) * (1 + 0.05 * ((h * 7) % 5 - 2))
            rows.append(MonitorReading("b", NOW - timedelta(hours=h), "w21003", value))
        return tuple(rows)

    def bits(jump: bool) -> float:
        answer = trace(replace(event, online=monitor(jump)))
        best = next(c for c in answer.candidates if c.outfall == "b")
        return next(e.bits for e in best.evidence if e.kind == "online")

    assert bits(jump=True) > 0 > bits(jump=False)


def test_without_a_rise_only_priors_speak(event: Event) -> None:
    flat = tuple(
        r._replace(value={"w21003": 0.3, "w01018": 12.0, "w21011": 0.06}[r.factor])
        for r in event.readings
    )
    answer = trace(replace(event, readings=flat))
    assert [c.probability for c in answer.candidates] == pytest.approx(
        [answer.candidates[0].probability] * 3
    )
    assert answer.next_sample is None
    assert any("先验" in zh for zh, _ in answer.caveats)


def test_a_gauge_on_no_reach_is_refused(event: Event, raises_problem) -> None:  # type: ignore[no-untyped-def]  # shared fixture
    gauge = FlowReading("moon", NOW - timedelta(hours=1), 3.0)
    with raises_problem("river.off_network"):
        trace(replace(event, flows=(gauge,)))


def test_a_gauge_that_reads_double_shortens_the_travel(event: Event) -> None:
    double = tuple(FlowReading("r-c", NOW - timedelta(hours=h), 10.0) for h in range(190))
    plain, fast = (
        next(c for c in trace(e).candidates if c.outfall == "b")
        for e in (event, replace(event, flows=double))
    )
    assert plain.release_start is not None
    assert fast.release_start is not None
    # the same arrival, less travel: the release began later
    assert fast.release_start.p50 > plain.release_start.p50


def test_an_alarm_of_oxygen_alone_leaves_the_priors(event: Event) -> None:
    oxygen = EventFactor("w01009", "DO", "mg/L", 0.0, 0.1)
    readings = tuple(
        r._replace(factor="w01009", value=7.0) for r in event.readings if r.factor == "w21003"
    )
    answer = trace(
        replace(
            event,
            factors={"w01009": oxygen},
            readings=readings,
            alarm=replace(event.alarm, factor="w01009"),
        )
    )
    assert len({round(c.probability, 9) for c in answer.candidates}) == 1
    assert any("不按质量混合" in zh for zh, _ in answer.caveats)


def test_an_alarm_above_every_outfall_is_none_of_them(event: Event) -> None:
    late = tuple(
        r._replace(value=r.value * 5)
        if r.section_id == "a" and r.value is not None and NOW - r.time < timedelta(hours=3)
        else r
        for r in event.readings
    )
    alarm = replace(event.alarm, section="a", first_exceeded=NOW - timedelta(hours=2))
    answer = trace(replace(event, readings=late, alarm=alarm, inflow_reaches=("r-a",)))
    assert answer.candidates == ()
    assert answer.none == pytest.approx(1)
    assert sum(answer.none_kind.values()) == pytest.approx(1)
    # nodes below a are clean half an hour's travel away: it did not come in with the river
    assert answer.none_kind["boundary"] < 0.1
    assert any("没有登记的排污口" in zh for zh, _ in answer.caveats)


def test_a_grab_sample_above_the_suspect_clears_it_not(event: Event) -> None:
    # dirty water taken just below b, before the plume left: b or a, and not c
    taken = NOW - timedelta(hours=3.2)
    samples = tuple(
        Sample("r-b", 200.0, taken, code, value)
        for code, value in (("w21003", 1.6), ("w01018", 50.0), ("w21011", 0.25))
    )
    before, after = trace(event).probabilities, trace(replace(event, samples=samples)).probabilities
    assert after["c"] <= before["c"] + 1e-5
    assert after["b"] > 0.8
