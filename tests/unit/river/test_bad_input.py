"""Each fault of an event folder named with file and row, refused or degraded, never guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from qingyuan.cli import main
from qingyuan.core.problems import Problems
from qingyuan.river import Event, FlowReading, Reading, read_event, trace, write_event
from qingyuan.river.event import EventFactor
from qingyuan.river.worlds import NOW, line_of

Raises = Callable[[str], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def event() -> Event:
    return line_of(5).alarm(at="e", released_from="b", interval_h=1.0)


def faults(event: Event, folder: Path) -> dict[str, dict[str, object]]:
    with pytest.raises(Problems) as found:
        read_event(write_event(event, folder))
    told = found.value.problems
    assert all(p.zh and p.en and "%(" not in p.zh + p.en for p in told)
    return {p.code: dict(p.values) for p in told}


def notes(event: Event, folder: Path) -> str:
    found = read_event(write_event(event, folder))
    return "\n".join(zh for zh, _ in found.notes)


def reach(event: Event, at: int, **change: object) -> Event:
    reaches = list(event.reaches)
    reaches[at] = reaches[at]._replace(**change)
    return replace(event, reaches=tuple(reaches))


# ---------------------------------------------------------------------------
# refused


def test_every_loop_is_told_with_its_first_row(event: Event, tmp_path: Path) -> None:
    looped = reach(reach(event, 1, to_reach_id="r-a"), 3, to_reach_id="r-d")
    with pytest.raises(Problems) as found:
        read_event(write_event(looped, tmp_path / "e"))
    loops = [p.values for p in found.value.problems if p.code == "river.cycle"]
    assert [(v["file"], v["row"]) for v in loops] == [("reaches.csv", 2), ("reaches.csv", 5)]
    assert loops[1]["reaches"] == "r-d → r-d"


def test_a_reach_to_nowhere_is_told(event: Event, tmp_path: Path) -> None:
    found = faults(reach(event, 2, to_reach_id="r-x"), tmp_path / "e")
    assert found["river.unknown_reach"]["row"] == 4


def test_places_off_the_river_are_told(event: Event, tmp_path: Path) -> None:
    sections = (event.sections[0]._replace(reach_id="r-x"), *event.sections[1:])
    outfalls = (
        *event.outfalls[:2],
        event.outfalls[2]._replace(position_m=9999),
        *event.outfalls[3:],
    )
    found = faults(replace(event, sections=sections, outfalls=outfalls), tmp_path / "e")
    assert (found["river.off_network"]["file"], found["river.off_network"]["row"]) == (
        "sections.csv",
        2,
    )
    assert (found["river.off_reach"]["file"], found["river.off_reach"]["row"]) == (
        "outfalls.csv",
        4,
    )


def test_no_flow_in_an_open_river_and_reversed_flow_are_told(event: Event, tmp_path: Path) -> None:
    found = faults(reach(event, 1, flow_m3_s=0.0), tmp_path / "a")
    assert (found["river.not_positive"]["row"], found["river.not_positive"]["column"]) == (
        3,
        "flow_m3_s",
    )
    found = faults(reach(event, 1, flow_m3_s=-2.0, kind="gate"), tmp_path / "b")
    assert found["river.reversed_flow"]["row"] == 3


def test_an_outfall_on_two_reaches_is_told_with_both(event: Event, tmp_path: Path) -> None:
    twice = (*event.outfalls, event.outfalls[1]._replace(reach_id="r-d"))
    found = faults(replace(event, outfalls=twice), tmp_path / "a")
    told = found["river.outfall_twice"]
    assert (told["name"], told["row"], told["first"]) == ("b", 7, 3)
    assert (told["reach"], told["other"]) == ("r-b", "r-d")
    same = (*event.outfalls, event.outfalls[1])
    assert "river.repeated_id" in faults(replace(event, outfalls=same), tmp_path / "b")


def test_the_alarmed_section_in_the_wrong_unit_is_refused(event: Event, tmp_path: Path) -> None:
    wrong = tuple(
        r._replace(value=1000 * r.value)
        if (r.section_id, r.factor) == ("e", "w21003") and r.value is not None
        else r
        for r in event.readings
    )
    told = faults(replace(event, readings=wrong), tmp_path / "e")["river.unit_mixup"]
    first = next(
        i for i, r in enumerate(event.readings, 2) if (r.section_id, r.factor) == ("e", "w21003")
    )
    assert (told["file"], told["row"], told["section"]) == ("readings.csv", first, "e")


def test_an_alarm_without_any_valid_reading_is_refused(event: Event, tmp_path: Path) -> None:
    silent = tuple(
        r._replace(value=None, flag="D") if r.factor == "w21003" else r for r in event.readings
    )
    assert "river.no_reading" in faults(replace(event, readings=silent), tmp_path / "e")


def test_a_window_that_does_not_hold_the_alarm_is_refused(event: Event, tmp_path: Path) -> None:
    late = replace(event, start=NOW - timedelta(minutes=5))
    assert "river.outside_window" in faults(late, tmp_path / "a")
    turned = replace(event, start=NOW, end=NOW - timedelta(days=1))
    assert "river.bad_window" in faults(turned, tmp_path / "b")


def test_the_row_told_is_the_row_of_the_file(event: Event, tmp_path: Path) -> None:
    ahead = tuple(Reading("a", NOW + timedelta(hours=h), "w21003", 0.3) for h in range(1, 6))
    strange = Reading("zz", NOW - timedelta(hours=5), "w21003", 0.3)
    told = faults(replace(event, readings=(*ahead, strange, *event.readings)), tmp_path / "e")
    assert told["river.unknown_section"]["row"] == 7  # a head and five rows left out before it


def test_the_command_says_all_of_it_and_exits_1(event: Event, tmp_path: Path, capsys) -> None:
    broken = reach(reach(event, 1, flow_m3_s=-1.0), 2, to_reach_id="r-x")
    assert main(["trace", str(write_event(broken, tmp_path / "e")), "--json"]) == 1
    codes = {p["code"] for p in json.loads(capsys.readouterr().out)["problems"]}
    assert {"river.reversed_flow", "river.unknown_reach"} <= codes


# ---------------------------------------------------------------------------
# degraded, and said so


def test_readings_before_the_window_are_left_out_and_told(event: Event, tmp_path: Path) -> None:
    old = Reading("a", event.start - timedelta(days=40), "w21003", 99.0)
    folder = write_event(replace(event, readings=(old, *event.readings)), tmp_path / "e")
    found = read_event(folder)
    assert old not in found.readings
    assert "readings.csv 有 1 行早于时间窗起点（首见第 2 行）" in found.notes[0][0]
    assert found.readings == event.readings


def test_a_section_in_another_unit_is_left_out_and_told(event: Event, tmp_path: Path) -> None:
    wrong = tuple(
        r._replace(value=1000 * r.value)
        if (r.section_id, r.factor) == ("a", "w21011") and r.value is not None
        else r
        for r in event.readings
    )
    folder = write_event(replace(event, readings=wrong), tmp_path / "e")
    found = read_event(folder)
    assert not [r for r in found.readings if (r.section_id, r.factor) == ("a", "w21011")]
    assert [r for r in found.readings if (r.section_id, r.factor) == ("a", "w21003")]
    assert "断面 a 的 w21011" in found.notes[0][0]
    answer = trace(found, seed=1)
    assert answer.candidates[0].outfall == "b"
    assert any("w21011" in zh for zh, _ in answer.caveats)


def test_a_declared_unit_is_converted_everywhere(event: Event, tmp_path: Path) -> None:
    def up(rows):
        return tuple(
            r._replace(value=1000 * r.value) if r.factor == "w21003" and r.value is not None else r
            for r in rows
        )

    micro = replace(
        event,
        alarm=replace(event.alarm, limit=1000 * event.alarm.limit),
        factors={
            **event.factors,
            "w21003": EventFactor("w21003", "NH3-N", "µg/L", 0.0, 25.0),
        },
        readings=up(event.readings),
        profiles=tuple(
            p._replace(ln_mean=p.ln_mean + 6.907755278982137) if p.factor == "w21003" else p
            for p in event.profiles
        ),
    )
    found = read_event(write_event(micro, tmp_path / "e"))
    assert found.factors["w21003"].unit == "mg/L"
    assert found.factors["w21003"].detection_limit == pytest.approx(0.025)
    assert found.alarm.limit == pytest.approx(event.alarm.limit)
    assert [r.value for r in found.readings] == pytest.approx([r.value for r in event.readings])
    assert [p.ln_mean for p in found.profiles] == pytest.approx([p.ln_mean for p in event.profiles])
    assert "乘以 0.001 换算为 mg/L" in found.notes[0][0]


def test_a_factor_nobody_measured_takes_no_part(event: Event, tmp_path: Path) -> None:
    silent = tuple(
        r._replace(value=None, flag="D") if r.factor == "w21011" else r for r in event.readings
    )
    found = read_event(write_event(replace(event, readings=silent), tmp_path / "e"))
    assert "w21011" not in found.factors
    assert any("w21011" in zh and "没有任何有效值" in zh for zh, _ in found.notes)
    assert trace(found, seed=1).candidates[0].outfall == "b"


def test_a_factor_nobody_defined_is_told(event: Event, tmp_path: Path) -> None:
    stray = Reading("a", NOW - timedelta(hours=5), "w99999", 1.0)
    told = notes(replace(event, readings=(*event.readings, stray)), tmp_path / "e")
    assert "w99999 未在 event.toml 中定义" in told


def test_gauges_that_stand_or_run_backwards_are_not_used_for_velocity(
    event: Event, tmp_path: Path
) -> None:
    flows = tuple(
        FlowReading("r-c", NOW - timedelta(hours=h), q) for h, q in ((5, 5.1), (4, 0.0), (3, -1.0))
    )
    found = read_event(write_event(replace(event, flows=flows), tmp_path / "e"))
    assert [f.flow_m3_s for f in found.flows] == [5.1]
    assert "flow.csv 有 2 行流量不大于 0（首见第 3 行" in found.notes[0][0]


def test_outfalls_of_another_river_are_counted(event: Event, tmp_path: Path) -> None:
    parted = reach(event, 1, to_reach_id="")
    told = notes(parted, tmp_path / "e")
    assert "2 个排污口（如 a）" in told


def test_behind_a_closed_gate_suspects_are_connected_but_undated(event: Event) -> None:
    gated = reach(event, 2, kind="gate", flow_m3_s=0.0)
    answer = trace(gated, seed=1)
    assert any("相连但无法定时" in zh for zh, _ in answer.caveats)
    undated = {c.outfall for c in answer.candidates if c.release_start is None}
    assert {"a", "b"} <= undated | {
        c for c in "ab" if c not in {x.outfall for x in answer.candidates}
    }
