"""A fleet of known truth: hot spots found, plumes left alone, faulty vehicles named."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from qingyuan import hotspots
from qingyuan.cli import main
from qingyuan.hotspots import find_spots, read_roads
from qingyuan.hotspots.bench import read_truth, score
from qingyuan.hotspots.scan import scan_of

_SPEC = importlib.util.spec_from_file_location("fleet", Path(__file__).with_name("fleet.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
_FLEET = importlib.util.module_from_spec(_SPEC)
sys.modules["fleet"] = _FLEET  # dataclasses look their module up
_SPEC.loader.exec_module(_FLEET)


def _write(path: Path, columns: dict[str, object]) -> Path:
    rows = zip(*(np.asarray(c).tolist() for c in columns.values()), strict=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(columns)
        table.writerows(rows)
    return path


@pytest.fixture(scope="module")
def town():
    return _FLEET.fleet(31, taxis=9, days=2, hours=(7, 17), spots=4, plumes=10, size=9)


@pytest.fixture(scope="module")
def folder(town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fleet")
    _write(folder / "points.csv", town.points)
    _write(folder / "edges.csv", town.edges)
    _write(folder / "stations.csv", town.stations)
    return folder


@pytest.fixture(scope="module")
def told(folder, town):
    """One call of the command: what it printed, what it said meanwhile, and the survey behind it."""
    hot, seen = town.spots[0], []
    (folder / "sites.csv").write_text(
        f"site_id,name,type,x,y,department\nG1,北园工地,construction,{hot['x']},{hot['y']},住建\n",
        "utf-8",
    )
    call = ["hotspots", str(folder / "points.csv"), "--roads", str(folder / "edges.csv"), "--stations",
            str(folder / "stations.csv"), "--sites", str(folder / "sites.csv"), "--json"]  # fmt: skip
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        real = hotspots.survey
        patch.setattr(hotspots, "survey", lambda *a, **k: seen.append(real(*a, **k)) or seen[0])
        assert main(call) == 0
    return json.loads(out.getvalue()), err.getvalue(), seen[0]


@pytest.fixture(scope="module")
def found(told):
    return told[2]


def test_hot_spots_are_found_where_they_are(town, found):
    apart = [min(np.hypot(s.x - h["x"], s.y - h["y"]) for s in found.spots) for h in town.spots]
    assert sum(d < 100 for d in apart) >= 3
    assert np.median(apart) <= 60


def test_nothing_is_reported_away_from_a_hot_spot(town, found):
    for spot in found.spots:
        assert min(np.hypot(spot.x - h["x"], spot.y - h["y"]) for h in town.spots) < 250


def test_each_faulty_vehicle_is_named_and_no_other(town, found):
    assert {f.vehicle_id: f.fault for f in found.faults} == town.faults


def test_clock_error_is_told_in_seconds(found):
    late = next(f for f in found.faults if f.fault == "clock")
    assert abs(late.evidence["shift_s"] - 600) <= 180


def test_gains_are_within_five_percent_for_most(town, found):
    assert np.mean(np.abs(found.pm10.gain / town.gain - 1) < 0.05) >= 0.9


def test_directed_edges_are_matched(town, found):
    used = found.matched.edge >= 0
    true = town.true_edge[found.fixes.row]
    assert np.mean(found.matched.edge[used] == true[used]) >= 0.94


def test_dust_is_coarse(found):
    assert all(s.coarse_share > 0.6 for s in found.spots)


def test_interval_holds_the_increment(found):
    assert all(s.low <= s.increment <= s.high for s in found.spots)


def test_stuck_fixes_are_counted_by_vehicle_and_day(found):
    stuck = [r for r in found.rejected if r["reason"] == "stuck"]
    assert {(r["vehicle_id"], r["day"]) for r in stuck} == {("C00", 1)}


def test_same_passes_and_seed_same_spots(found):
    again = find_spots(scan_of(found.passes, found.segments.x, found.segments.y), seed=1)
    assert [(s.x, s.y, s.p_value) for s in again] == [(s.x, s.y, s.p_value) for s in found.spots]


def test_command_answers_in_json_with_progress_on_stderr(told, town):
    answer, said, found = told
    assert [(h["x"], h["y"]) for h in answer["hotspots"]] == [
        (round(s.x, 1), round(s.y, 1)) for s in found.spots
    ]
    assert {"hotspots", "faulty_vehicles", "gains", "rejected"} <= set(answer)
    assert answer["anchored"] is True
    assert answer["caveats"] == []
    first = answer["hotspots"][0]
    wanted = {"segments", "x", "y", "radius_m", "increment", "p_value", "active_hours", "coarse_share"}  # fmt: skip
    assert wanted <= set(first)
    assert set(first["segments"]) <= set(range(1000, 3000))
    clock = answer["gains"]["C02"]["clock"]
    assert abs(clock["fast_s"] - 600) <= 3 * clock["se_s"]
    assert "matching" in said


def test_registered_site_at_a_hot_spot_is_its_probable_source(told, town):
    hot = town.spots[0]
    near = min(told[0]["hotspots"], key=lambda h: np.hypot(h["x"] - hot["x"], h["y"] - hot["y"]))
    assert near["sources"][0]["site_id"] == "G1"
    assert near["sources"][0]["department"] == "住建"
    assert sum(s["probability"] for s in near["sources"]) == pytest.approx(1, abs=0.03)


def test_score_of_the_folder_with_its_truth(folder, town, found):
    _write(folder / "truth_hotspots.csv", {n: [h[n] for h in town.spots] for n in ("x", "y")})
    _write(folder / "truth_vehicles.csv", {
        "vehicle_id": list(found.fixes.vehicles), "gain10": town.gain,
        "fault": [town.faults.get(v, "") for v in found.fixes.vehicles],
    })  # fmt: skip
    _write(folder / "truth_points.csv", {"true_edge": 1000 + town.true_edge})
    graph, _ = read_roads(folder / "edges.csv")
    told = score(found, graph, read_truth(folder))
    assert told["hotspots"]["true"] == len(town.spots)
    assert told["hotspots"]["f1"] == pytest.approx(
        2 * told["hotspots"]["hit"] / (len(found.spots) + len(town.spots))
    )
    assert told["faults"] == {"named": 3, "true": 3, "wrongly": 0}
    assert told["directed_edges"] >= 0.94
    assert told["gains"]["within_5_percent"] >= 0.9


def test_folder_without_truth_is_refused(tmp_path, raises_problem):
    with raises_problem("hotspots.no_truth"):
        read_truth(tmp_path)


def test_command_names_file_row_and_rule(folder, tmp_path, capsys):
    lines = (folder / "points.csv").read_text("utf-8").splitlines()[:600]
    lines[3] = lines[3].replace(lines[3].split(",")[2], "oops")
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join(lines), "utf-8")
    assert main(["hotspots", str(bad), "--roads", str(folder / "edges.csv")]) == 1
    told = capsys.readouterr().err
    assert "hotspots.bad_cell" in told
    assert "bad.csv row 4, column x" in told
