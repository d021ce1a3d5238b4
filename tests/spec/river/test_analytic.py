"""Transport against closed forms (reference: instantaneous and constant release, flux form)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfc

from qingyuan.river import Reach, network_of
from qingyuan.river.transport import mixed, pulse, step_response, transport_of
from qingyuan.river.worlds import line_of

title = "一维输移解析解与矩 / analytic solutions and moments of one-dimensional transport"

U, D, X = 0.4, 12.0, 5_000.0  # m/s, m²/s, m
MEAN_H = X / U / 3600
VARIANCE_H2 = 2 * D * X / U**3 / 3600**2


@pytest.mark.parametrize("hours", [2.0, 3.0, 3.4, 3.8, 5.0, 9.0])
def test_step_response_is_the_flux_form_of_a_constant_source(hours: float) -> None:
    t = hours * 3600
    closed = 0.5 * (
        erfc((X - U * t) / (2 * np.sqrt(D * t)))
        + np.exp(U * X / D) * erfc((X + U * t) / (2 * np.sqrt(D * t)))
    )
    found = step_response(np.array([hours]), mean_h=MEAN_H, variance_h2=VARIANCE_H2)
    assert found[0] == pytest.approx(closed, abs=1e-6)


@pytest.mark.parametrize("hours", [2.5, 3.2, 3.47, 4.0, 6.0])
def test_its_slope_is_the_inverse_gaussian_of_an_instant_release(hours: float) -> None:
    t, step = hours * 3600, 1e-4
    closed = X / np.sqrt(4 * np.pi * D * t**3) * np.exp(-((X - U * t) ** 2) / (4 * D * t)) * 3600
    edges = np.array([hours - step, hours + step])
    low, high = step_response(edges, mean_h=MEAN_H, variance_h2=VARIANCE_H2)
    assert (high - low) / (2 * step) == pytest.approx(closed, rel=1e-6)


def test_mean_and_variance_of_the_response_are_x_u_and_2dx_u3() -> None:
    def late(t: float, power: int) -> float:
        left = 1 - step_response(np.array([t]), mean_h=MEAN_H, variance_h2=VARIANCE_H2)[0]
        return float(power * t ** (power - 1) * left)

    mean = quad(late, 0, 60, args=(1,), limit=400, epsabs=1e-11)[0]
    square = quad(late, 0, 60, args=(2,), limit=400, epsabs=1e-11)[0]
    assert mean == pytest.approx(MEAN_H, rel=1e-6)
    assert square - mean**2 == pytest.approx(VARIANCE_H2, rel=1e-6)


def test_the_fast_pulse_stays_within_a_hundredth_of_the_exact_one() -> None:
    hours = np.linspace(0.1, 12, 400)
    exact = step_response(hours, mean_h=MEAN_H, variance_h2=VARIANCE_H2) - step_response(
        hours - 2, mean_h=MEAN_H, variance_h2=VARIANCE_H2
    )
    fast = pulse(hours, duration_h=2.0, mean_h=MEAN_H, variance_h2=VARIANCE_H2)
    assert np.abs(fast - exact).max() < 0.01


def test_means_and_variances_of_reaches_in_series_add() -> None:
    network = network_of(
        [
            Reach("a", "b", 800, 0.001, 0.035, 8, 1.0, 3.0),
            Reach("b", "c", 1500, 0.0005, 0.04, 12, 0.5, 4.0),
            Reach("c", "", 600, 0.002, 0.03, 10, 0.0, 4.5),
        ]
    )
    travel = transport_of(network, flow_m3_s=np.array([3.0, 4.0, 4.5]), own_velocity_sd=0.1)
    way = travel.between(np.array([0]), np.array([0.0]), network.point("c", 600))
    u, spread = travel.state.velocity_m_s, travel.state.dispersion_m2_s
    length = np.array([800.0, 1500.0, 600.0])
    assert way.mean_h[0] == pytest.approx((length / u / 3600).sum(), rel=1e-9)
    assert way.variance_h2[0] == pytest.approx((2 * spread * length / u**3).sum() / 3600**2)
    assert way.own_sd_h[0] == pytest.approx(0.1 * np.sqrt(((length / u / 3600) ** 2).sum()))


def test_four_nodes_by_hand() -> None:
    # 900 m at 0.5 m/s are 1800 s: the outfall of b, 10 m below its node, is 1790 m above d
    world = line_of(4, velocity_m_s=0.5, reach_m=900)
    network = network_of(world.reaches)
    travel = transport_of(network, flow_m3_s=np.full(4, 5.0), own_velocity_sd=0.0)
    source = (np.array([network.index["r-b"]]), np.array([10.0]))
    way = travel.between(*source, network.point("r-d", 0.0))
    assert travel.state.depth_m == pytest.approx(np.ones(4), abs=1e-6)
    assert way.mean_h[0] == pytest.approx(1790 / 0.5 / 3600, rel=1e-6)


def test_a_confluence_conserves_water_and_mass() -> None:
    # 3 m³/s at 10 mg/L meet 1 m³/s at 50 mg/L: 4 m³/s at 20 mg/L
    assert mixed(3.0, 10.0, 1.0, 50.0) == (4.0, 20.0)


def test_a_release_passes_every_section_with_its_whole_mass() -> None:
    hours = np.linspace(0, 80, 80_001)
    for distance in (500.0, 5_000.0, 50_000.0):
        share = pulse(
            hours,
            duration_h=3.0,
            mean_h=distance / U / 3600,
            variance_h2=2 * D * distance / U**3 / 3600**2,
        )
        assert np.trapezoid(share, hours) == pytest.approx(3.0, rel=1e-4)


def test_no_flow_no_transport_but_still_connected() -> None:
    reaches = [
        Reach("a", "g", 500, 0.001, 0.03, 8, 1.0, 2.0),
        Reach("g", "b", 10, 0.001, 0.03, 8, 1.0, 0.0, None, "gate"),
        Reach("b", "", 500, 0.001, 0.03, 8, 1.0, 2.0),
    ]
    network = network_of(reaches)
    travel = transport_of(network, flow_m3_s=np.array([2.0, 0.0, 2.0]), own_velocity_sd=0.1)
    down = network.point("b", 100)
    places = (np.array([0, 2]), np.array([0.0, 0.0]))
    assert network.is_upstream(places, down).tolist() == [True, True]
    assert travel.between(*places, down).dated.tolist() == [False, True]


def test_a_reservoir_delays_by_its_residence_time() -> None:
    pond = [Reach("p", "", 2000, 1e-5, 0.03, 100, 1.0, 5.0, None, "reservoir")]
    network = network_of(pond)
    travel = transport_of(network, flow_m3_s=np.array([5.0]), own_velocity_sd=0.0)
    way = travel.between(np.array([0]), np.array([0.0]), network.point("p", 2000))
    volume = travel.state.area_m2[0] * 2000
    assert way.mean_h[0] == pytest.approx(volume / 5.0 / 3600)
    assert way.variance_h2[0] == pytest.approx(way.mean_h[0] ** 2)  # one stirred tank
