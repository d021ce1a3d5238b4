from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from qingyuan.river.locate import Channel, Curve, locate
from qingyuan.river.storage import Stretch, breakthrough

HOURS = np.arange(0.0, 14.0, 0.1)


def curves(*stations: float, start_h: float = 1.0, duration_h: float = 0.5) -> list[Curve]:
    """A release at the mark 0, by the equations, with a ripple of two per cent."""
    found = []
    for number, x in enumerate(stations):
        way = [Stretch(x, 2.0, 1.0, 3.0, 0.3, 2e-4)]
        share = breakthrough(way, HOURS, start_h=start_h, duration_h=duration_h)
        ripple = 1 + 0.02 * np.sin(7 * HOURS + number)
        found.append(Curve(x, HOURS, np.maximum(share * ripple, 0)))
    return found


def test_two_stations_hold_the_release_in_their_intervals() -> None:
    found = locate(curves(3000.0, 6000.0), Channel(0.55, 4.0), longest_m=9000.0)
    assert found.distance_m.p05 < 3000 < found.distance_m.p95
    assert found.start_h.p05 < 1.0 < found.start_h.p95
    assert found.misfit < 0.1


def test_one_station_is_honest_about_how_little_it_knows() -> None:
    alone = locate(curves(6000.0), Channel(0.5, 3.0), longest_m=12_000.0)
    together = locate(curves(3000.0, 6000.0), Channel(0.5, 3.0), longest_m=9000.0)
    assert alone.distance_m.p05 < 6000 < alone.distance_m.p95

    def width(found) -> float:  # type: ignore[no-untyped-def]  # of the start, in hours
        return float(found.start_h.p95 - found.start_h.p05)

    assert width(alone) > width(together)


def test_the_same_seed_gives_the_same_answer() -> None:
    seen = curves(6000.0)
    first, again = (locate(seen, Channel(0.5, 3.0), longest_m=9000.0) for _ in range(2))
    assert first == again


def test_without_a_rise_there_is_nothing_to_locate(raises_problem) -> None:
    flat = Curve(0.0, HOURS, np.zeros_like(HOURS))
    with raises_problem("river.no_curve"):
        locate([flat], Channel(0.5, 3.0), longest_m=1000.0)


@pytest.mark.shared
def test_uvas_creek_is_held_by_the_interval(shared_data: Path) -> None:
    text = (shared_data / "water/tracer/uvas_creek_1972_chloride.csv").read_text("utf-8")
    rows = [r for r in csv.DictReader(text.splitlines()) if r["kind"] == "observed"]
    seen = []
    for x in (105.0, 281.0, 433.0):
        at = [r for r in rows if float(r["distance_m"]) == x]
        hours = np.array([float(r["time_h"]) for r in at])
        seen.append(Curve(x, hours, np.maximum([float(r["conc"]) - 3.7 for r in at], 0.0)))
    found = locate(seen, Channel(0.034, 0.25), longest_m=650.0)
    assert found.distance_m.p05 < 105 < found.distance_m.p95
    assert found.start_h.p05 < 8.40 < found.start_h.p95
    assert abs(found.start_h.p50 - 8.40) < 0.25 * 3.0
