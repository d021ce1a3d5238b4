"""Transient storage, routing and decay against reference solutions of USGS OTIS."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import erfc

from qingyuan.river.routing import route
from qingyuan.river.storage import Stretch, breakthrough, moments_of
from qingyuan.river.transport import step_response

title = "暂存区模型与 OTIS 参考解 / transient storage against the reference solutions of OTIS"

# Bencala & Walters 1983 / OTIS application 1: Uvas Creek chloride, release 8.40–11.40 h
_UVAS = (
    # length, A, D, A_S, α, lateral inflow
    (38, 0.30, 0.12, 0.05, 0.0, 0.0),
    (67, 0.42, 0.15, 0.05, 0.0, 0.0),
    (176, 0.36, 0.24, 0.36, 3.0e-5, 4.545e-6),
    (152, 0.41, 0.31, 0.41, 1.0e-5, 1.974e-6),
    (236, 0.52, 0.40, 1.56, 4.5e-5, 2.151e-6),
)
STATIONS = (38, 105, 281, 433, 619)


def uvas() -> list[Stretch]:
    found, flow = [], 0.0125
    for length, area, spread, storage, alpha, lateral in _UVAS:
        found.append(Stretch(length, area, flow, spread, storage, alpha, lateral))
        flow += lateral * length
    return found


def cut(stretches: list[Stretch], at_m: float) -> tuple[list[Stretch], list[Stretch]]:
    above, below, left = [], [], at_m
    for one in stretches:
        here = min(one.length_m, max(left, 0.0))
        left -= here
        if here > 0:
            above.append(replace(one, length_m=here))
        if one.length_m > here:
            flow = one.flow_m3_s + one.lateral_m3_s_m * here
            below.append(replace(one, length_m=one.length_m - here, flow_m3_s=flow))
    return above, below


@pytest.fixture(scope="module")
def reference(shared_data: Path) -> dict[int, np.ndarray]:
    text = (shared_data / "water/tracer/uvas_creek_1972_chloride.csv").read_text("utf-8")
    rows = [r for r in csv.DictReader(text.splitlines()) if r["kind"] == "otis_simulated"]
    return {
        x: np.array(
            [
                (float(r["time_h"]), float(r["conc"]) - 3.7)
                for r in rows
                if float(r["distance_m"]) == x
            ]
        )
        for x in STATIONS
    }


def rms_of_peak(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - wanted) ** 2)) / wanted.max())


# OTIS steps by 0.05 h and lets the boundary jump between two steps: half a step after 8.40 h
@pytest.mark.shared
@pytest.mark.parametrize("station", STATIONS)
def test_the_grid_with_its_step_is_within_half_a_hundredth_of_the_peak(
    reference: dict[int, np.ndarray], station: int
) -> None:
    time = np.arange(8.25, 24.1, 0.05)
    found = route(
        uvas(),
        lambda h: np.where((h >= 8.425) & (h < 11.425), 7.7, 0.0),
        time_h=time,
        at_m=[station],
    )
    wanted = reference[station]
    assert rms_of_peak(np.interp(wanted[:, 0], time, found[:, 0]), wanted[:, 1]) < 0.005


@pytest.mark.shared
@pytest.mark.parametrize("station", STATIONS)
def test_the_laplace_solution_is_within_a_hundredth_of_the_peak(
    reference: dict[int, np.ndarray], station: int
) -> None:
    above, below = cut(uvas(), station)
    wanted = reference[station]
    found = breakthrough(above, wanted[:, 0], start_h=8.425, duration_h=3.0, beyond=below)
    assert rms_of_peak(7.7 * found, wanted[:, 1]) < 0.01


@pytest.mark.shared
@pytest.mark.parametrize("station", [100, 2000])
def test_first_order_decay_is_within_a_hundredth_of_the_peak(
    shared_data: Path, station: int
) -> None:
    text = (shared_data / "water/tracer/otis_app3_first_order_decay_reference.csv").read_text(
        "utf-8"
    )
    rows = [r for r in csv.DictReader(text.splitlines()) if float(r["distance_m"]) == station]
    time = np.array([float(r["time_h"]) for r in rows])
    wanted = np.array([float(r["conc"]) for r in rows])
    channel = [Stretch(station, 1.0, 0.1, 5.0, decay_per_day=8.64)]
    found = 100 * breakthrough(channel, time, start_h=1.02, duration_h=2.0)  # its step is 0.04 h
    assert rms_of_peak(found, wanted) < 0.01


def test_laplace_and_grid_agree_where_dead_zones_rule() -> None:
    channel = [
        Stretch(900, 2.0, 0.6, 1.5, 1.2, 2e-4, 2e-5),
        Stretch(1100, 3.0, 0.618, 2.5, 0.9, 1e-4),
    ]
    time = np.arange(0, 12.0001, 0.01)
    grid = route(
        [*channel, replace(channel[1], length_m=2000)],
        lambda h: np.where((h >= 0.495) & (h < 2.495), 1.0, 0.0),
        time_h=time,
        at_m=[2000],
        cell_m=4,
    )[:, 0]
    exact = breakthrough(channel, time, start_h=0.49, duration_h=2.0)
    assert np.abs(grid - exact).max() < 0.01 * exact.max()


# ---------------------------------------------------------------------------
# closed forms, to 1e-6
U, D, X, K = 0.1, 5.0, 2000.0, 1e-4


def ogata_banks(t: np.ndarray) -> np.ndarray:
    w = U * np.sqrt(1 + 4 * K * D / U**2)
    t = np.where(t > 0, t, 1e-9)
    root = 2 * np.sqrt(D * t)
    return 0.5 * (
        np.exp(X * (U - w) / (2 * D)) * erfc((X - w * t) / root)
        + np.exp(X * (U + w) / (2 * D)) * erfc((X + w * t) / root)
    )


def test_a_finite_pulse_with_decay_is_ogata_banks() -> None:
    hours = np.linspace(0.5, 14, 200)
    exact = ogata_banks(hours * 3600) - ogata_banks((hours - 2) * 3600)
    channel = [Stretch(X, 1.0, U, D, decay_per_day=K * 86400)]
    laplace = breakthrough(channel, hours, start_h=0.0, duration_h=2.0)
    assert np.abs(laplace - exact).max() < 1e-6
    mean, variance = moments_of(channel)
    closed = step_response(hours, mean_h=mean, variance_h2=variance, decay_per_h=K * 3600)
    closed -= step_response(hours - 2, mean_h=mean, variance_h2=variance, decay_per_h=K * 3600)
    assert np.abs(closed - exact).max() < 1e-6


def test_mean_and_variance_with_dead_zones_are_those_of_the_curve() -> None:
    channel = [Stretch(1500, 2.0, 0.8, 2.0, 1.0, 3e-4)]
    hours = np.linspace(0, 40, 8001)
    share = breakthrough(channel, hours, start_h=0.0, duration_h=0.5) / 0.5
    mean, variance = moments_of(channel)
    found = np.trapezoid(share * hours, hours)
    assert np.trapezoid(share, hours) == pytest.approx(1.0, abs=1e-4)
    assert found - 0.25 == pytest.approx(mean, rel=1e-3)
    second = np.trapezoid(share * (hours - found) ** 2, hours) - 0.5**2 / 12
    assert second == pytest.approx(variance, rel=5e-3)
