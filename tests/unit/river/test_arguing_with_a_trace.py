"""Why not this one, curves, plumes, comparisons and sampling rounds: what a page is argued with."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from qingyuan.river import (
    Event,
    Inquiry,
    Sampling,
    compare,
    explain_outfall,
    fitted_curves,
    investigate,
    plume,
    sampling_round,
    trace,
)
from qingyuan.river.worlds import NOW, line_of


@pytest.fixture(scope="module")
def event() -> Event:
    return line_of(6, velocity_m_s=0.5, reach_m=1800).alarm(
        at="e", released_from="b", duration_h=4.0
    )


@pytest.fixture(scope="module")
def inquiry(event: Event) -> Inquiry:
    return investigate(event)


def test_the_trace_is_the_inquirys(event: Event, inquiry: Inquiry) -> None:
    assert trace(event).as_json() == inquiry.trace.as_json()


@pytest.mark.parametrize("code", ["a", "b", "c", "d"])
def test_bits_behind_the_first_are_the_ratio_of_probabilities(inquiry: Inquiry, code: str) -> None:
    told = explain_outfall(inquiry, code)
    other = inquiry.trace.probabilities[told["against"]["outfall_id"]]
    mine = inquiry.trace.probabilities[code]
    assert told["against"]["bits"] == pytest.approx(np.log2(mine / other), abs=0.01)
    assert sum(told["against"]["by_kind"].values()) == pytest.approx(
        told["against"]["bits"], abs=0.01
    )
    assert told["says"]
    assert told["says_en"]
    json.dumps(told, allow_nan=False)


def test_an_outfall_below_the_alarm_is_told_so(inquiry: Inquiry) -> None:
    told = explain_outfall(inquiry, "f")
    assert (told["upstream"], told["probability"], told["rank"]) == (False, 0.0, None)
    assert "上游" in told["says"]


def test_an_outfall_nobody_knows_is_refused(inquiry: Inquiry, raises_problem) -> None:  # type: ignore[no-untyped-def]  # shared fixture
    with raises_problem("river.unknown_outfall"):
        explain_outfall(inquiry, "moon")
    with raises_problem("river.not_a_suspect"):
        fitted_curves(inquiry, "f")


def test_the_culprits_own_proportions_fit_best(inquiry: Inquiry) -> None:
    def off(code: str) -> float:
        return max(abs(row["z"]) for row in explain_outfall(inquiry, code)["profile"])

    assert off("b") < 1.0
    assert off("b") < off("c")


def test_the_fitted_curve_runs_through_the_readings(inquiry: Inquiry) -> None:
    told = fitted_curves(inquiry, "b")
    json.dumps(told, allow_nan=False)
    assert (told["unit"], told["factor"]) == ("mg/L", "w21003")
    alarmed = next(s for s in told["sections"] if s["alarmed"])
    times = [datetime.fromisoformat(t) for t in told["times"]]
    assert len(times) == len(alarmed["median"]) == len(alarmed["background"])
    inside = total = 0
    for reading in alarmed["readings"]:
        at = datetime.fromisoformat(reading["time"])
        if not times[0] <= at <= NOW:
            continue
        k = min(range(len(times)), key=lambda n: abs((times[n] - at).total_seconds()))
        total += 1
        inside += alarmed["p05"][k] * 0.85 <= reading["value"] <= alarmed["p95"][k] * 1.15
    assert total >= 6
    assert inside / total > 0.8
    for low, middle, high in zip(alarmed["p05"], alarmed["median"], alarmed["p95"], strict=True):
        assert low <= middle <= high
    distances = [s["distance_m"] for s in told["sections"]]
    assert distances == sorted(distances)


def test_the_plume_moves_down_and_conserves_what_flows(inquiry: Inquiry) -> None:
    told = plume(inquiry, "b", step_min=60)
    json.dumps(told, allow_nan=False)
    middle = np.array(told["median"])
    assert middle.shape == (len(told["times"]), len(told["places"]))
    place = np.array([p["distance_m"] for p in told["places"]])
    centre = [float((row * place).sum() / row.sum()) for row in middle if row.max() > 0.2]
    assert len(centre) > 3
    assert all(b >= a - 50 for a, b in pairwise(centre))


def test_two_rounds_side_by_side(event: Event) -> None:
    before = trace(_unsure(event))
    after = trace(event)
    told = compare(before, after.as_json())
    json.dumps(told, allow_nan=False)
    assert not told["same_inputs"]
    assert told["entropy_bits"]["after"] < told["entropy_bits"]["before"]
    moved = told["outfalls"][0]
    assert moved["after"] is not None
    row = next(r for r in told["outfalls"] if r["outfall_id"] == "b")
    assert row["after"] > row["before"]
    assert row["evidence"]["profile"]["after"] > row["evidence"]["profile"]["before"]


def _unsure(event: Event) -> Event:
    """Take the profiles away and all but two sections: several outfalls remain."""
    kept = tuple(r for r in event.readings if r.section_id in ("a", "e"))
    return replace(event, profiles=(), readings=kept)


def test_samples_are_asked_for_only_where_one_can_stand(event: Event) -> None:
    places = (("r-b", 900.0), ("r-c", 900.0), ("r-d", 1700.0))
    hard = investigate(_unsure(event))
    rounds = sampling_round(hard, count=3, sampling=Sampling(places=places, earliest_h=2.0))
    assert all((s.reach_id, s.position_m) in places for s in rounds)
    assert len({(s.reach_id, s.position_m) for s in rounds}) == len(rounds)
    assert all(s.time >= NOW + timedelta(hours=2) for s in rounds)
    assert all(s.expected_bits > 0 for s in rounds)


def test_a_slow_laboratory_moves_the_choice_to_another_factor(event: Event) -> None:
    hard = investigate(_unsure(event))
    quick = sampling_round(hard, count=1)
    slow = sampling_round(
        hard, count=1, sampling=Sampling(laboratory_h={quick[0].factor: 96.0}, other_h=1.0)
    )
    assert slow
    assert slow[0].factor != quick[0].factor
