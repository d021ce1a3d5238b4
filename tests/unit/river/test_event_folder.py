from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from qingyuan.river import Event, MonitorReading, event_digest, read_event, write_event
from qingyuan.river.event import FlowReading, RainReading, Sample
from qingyuan.river.worlds import NOW, line_of


@pytest.fixture(scope="module")
def event() -> Event:
    plain = line_of(4).alarm(at="d", released_from="b", interval_h=2.0)
    return replace(
        plain,
        inflow_reaches=("r-a",),
        flows=(FlowReading("r-c", NOW - timedelta(hours=3), 5.25, "N"),),
        rain=(RainReading(NOW - timedelta(hours=2), 1.5),),
        online=(MonitorReading("b", NOW - timedelta(hours=1), "flow_m3_s", None, "D"),),
        samples=(Sample("r-c", 10.0, NOW + timedelta(hours=1), "w21003", 0.4),),
    )


def test_what_is_written_is_read_back(event: Event, tmp_path: Path) -> None:
    assert read_event(write_event(event, tmp_path / "e")) == event


def test_equal_events_have_equal_digests(event: Event, tmp_path: Path) -> None:
    again = read_event(write_event(event, tmp_path / "e"))
    assert event_digest(again) == event_digest(event)
    louder = replace(event, readings=(event.readings[0]._replace(value=9.9), *event.readings[1:]))
    assert event_digest(louder) != event_digest(event)


def test_gzip_and_a_shared_network_are_found_and_the_event_folder_wins(
    event: Event, tmp_path: Path
) -> None:
    home = write_event(event, tmp_path / "events" / "e")
    shared = tmp_path / "networks" / "n"
    shared.mkdir(parents=True)
    text = (home / "outfalls.csv").read_bytes()
    (shared / "outfalls.csv.gz").write_bytes(gzip.compress(text))
    (shared / "sections.csv").write_text("nonsense\n")
    (home / "outfalls.csv").unlink()
    head = (home / "event.toml").read_text("utf-8")
    (home / "event.toml").write_text(f'network = "../../networks/n"\n{head}', "utf-8")
    assert read_event(home) == event


def test_unknown_columns_are_kept_with_a_note(event: Event, tmp_path: Path) -> None:
    home = write_event(event, tmp_path / "e")
    lines = (home / "outfalls.csv").read_text("utf-8").splitlines()
    marked = [f"{lines[0]},colour", *(f"{line},red" for line in lines[1:])]
    (home / "outfalls.csv").write_text("\n".join(marked), "utf-8")
    found = read_event(home)
    assert found.extras["outfalls"]["colour"] == ("red",) * 4
    assert "colour" in found.notes[0][0]
    kept = (write_event(found, tmp_path / "again") / "outfalls.csv").read_text("utf-8")
    assert kept.splitlines() == marked


def test_nothing_later_than_now_is_read(event: Event, tmp_path: Path) -> None:
    late = event.readings[-1]._replace(time=NOW + timedelta(minutes=1), value=99.0)
    home = write_event(replace(event, readings=(*event.readings, late)), tmp_path / "e")
    found = read_event(home)
    assert found.readings == event.readings
    assert "1 行" in found.notes[0][0]


def test_all_faults_of_a_table_are_reported_with_row_and_column(
    event: Event, tmp_path: Path
) -> None:
    from qingyuan.core.problems import Problems

    home = write_event(event, tmp_path / "e")
    (home / "reaches.csv").write_text(
        "reach_id,to_reach_id,length_m,slope,manning_n,bottom_width_m,side_slope,flow_m3_s\n"
        "r-a,r-b,long,0.001,0.03,8,1,2\n"
        "r-b,,900,0.001,0.03,8,1,\n",
        "utf-8",
    )
    with pytest.raises(Problems) as found:
        read_event(home)
    told = [(p.code, p.values["row"], p.values["column"]) for p in found.value.problems]
    assert told == [("river.bad_cell", 2, "length_m"), ("river.bad_cell", 3, "flow_m3_s")]
    assert "reaches.csv" in str(found.value)


def test_a_folder_without_event_is_refused(tmp_path: Path, raises_problem) -> None:  # type: ignore[no-untyped-def]  # shared fixture
    with raises_problem("river.no_event"):
        read_event(tmp_path)


def _change(event: Event, code: str) -> Event:
    reaches, outfalls = event.reaches, event.outfalls
    changes: dict[str, Event] = {
        "river.cycle": replace(
            event, reaches=(*reaches[:-1], reaches[-1]._replace(to_reach_id="r-a"))
        ),
        "river.unknown_reach": replace(
            event, reaches=(*reaches[:-1], reaches[-1]._replace(to_reach_id="sea"))
        ),
        "river.off_network": replace(
            event, outfalls=(outfalls[0]._replace(reach_id="moon"), *outfalls[1:])
        ),
        "river.off_reach": replace(
            event, outfalls=(outfalls[0]._replace(position_m=5000.0), *outfalls[1:])
        ),
        "river.repeated_id": replace(event, outfalls=(*outfalls, outfalls[0])),
        "river.not_positive": replace(
            event, reaches=(reaches[0]._replace(flow_m3_s=0.0), *reaches[1:])
        ),
        "river.no_outfall": replace(event, outfalls=()),
        "river.unknown_factor": replace(event, alarm=replace(event.alarm, factor="w99999")),
        "river.unknown_section": replace(event, alarm=replace(event.alarm, section="Z")),
        "river.late_alarm": replace(
            event, alarm=replace(event.alarm, first_exceeded=NOW + timedelta(hours=1))
        ),
        "river.no_reading": replace(event, readings=()),
        "river.negative": replace(event, readings=(event.readings[0]._replace(value=-1.0),)),
    }
    return changes[code]


@pytest.mark.parametrize(
    "code",
    [
        "river.cycle",
        "river.unknown_reach",
        "river.off_network",
        "river.off_reach",
        "river.repeated_id",
        "river.not_positive",
        "river.no_outfall",
        "river.unknown_factor",
        "river.unknown_section",
        "river.late_alarm",
        "river.no_reading",
        "river.negative",
    ],
)
def test_what_cannot_be_traced_is_refused_by_name(event: Event, code: str, raises_problem) -> None:  # type: ignore[no-untyped-def]  # shared fixture
    from qingyuan.river import trace

    with raises_problem(code):
        trace(_change(event, code))
