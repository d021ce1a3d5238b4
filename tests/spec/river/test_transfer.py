"""Transfer functions of a network: decay, dilution, reservoirs, changing flow, little-known rivers."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.river import Reach, network_of
from qingyuan.river.hydraulics import best_velocity, hydraulics, mixing_length_m
from qingyuan.river.jobson import leading_edge_h, peak_velocity, unit_peak
from qingyuan.river.reservoirs import residence_hours, tank_step
from qingyuan.river.storage import Stretch, moments_of
from qingyuan.river.transfer import transfers, travel_covariance
from qingyuan.river.transport import Storage, transport_of
from qingyuan.river.unsteady import arrivals, flow_factors

title = "河网传递函数 / transfer functions of a network"

RIVER = (
    Reach("a", "c", 4000, 0.0008, 0.035, 8, 1.0, 3.0),
    Reach("b", "c", 2500, 0.0012, 0.04, 4, 1.0, 1.0),
    Reach("c", "d", 6000, 0.0005, 0.035, 12, 1.0, 4.0),
    Reach("d", "", 5000, 0.0004, 0.035, 14, 1.0, 4.5),
)
NETWORK = network_of(RIVER)
FLOW = np.array([r.flow_m3_s for r in RIVER])
TRAVEL = transport_of(NETWORK, flow_m3_s=FLOW, own_velocity_sd=0.1)
HEADS = (np.array([0, 1, 2]), np.array([0.0, 500.0, 100.0]))
SECTIONS = [NETWORK.point("c", 3000.0), NETWORK.point("d", 4000.0), NETWORK.point("a", 3000.0)]


def functions(**known):
    return transfers(TRAVEL, reach=HEADS[0], position_m=HEADS[1], sections=SECTIONS, **known)


def test_what_leaves_an_outfall_passes_a_section_less_what_decayed() -> None:
    hours = np.linspace(0, 60, 6001)
    for one in functions(decay_per_day=0.8):
        found = one.response(hours, start_h=1.0, duration_h=3.0, rate_g_s=10.0)
        passed = np.trapezoid(found, hours, axis=1) * one.flow_m3_s / (10.0 * 3.0)
        assert passed == pytest.approx(one.survival, rel=2e-3)
        # first order: about exp(−k·mean), a little more for what arrives early
        assert (one.survival >= np.exp(-0.8 / 24 * one.mean_h) - 1e-12).all()


def test_only_what_lies_upstream_is_answered_for() -> None:
    in_c, in_d, in_a = functions()
    assert (in_c.places.tolist(), in_d.places.tolist(), in_a.places.tolist()) == (
        [0, 1, 2],
        [0, 1, 2],
        [0],
    )


def test_a_plateau_is_the_load_over_the_flow_there() -> None:
    # 20 g/s for four days: 20/4 = 5 mg/L where 4 m³/s flow, 20/4.5 below
    in_c, in_d, _ = functions()
    for one, wanted in ((in_c, 5.0), (in_d, 20 / 4.5)):
        found = one.response(np.array([80.0]), start_h=0.0, duration_h=96.0, rate_g_s=20.0)
        assert found[:, 0] == pytest.approx(np.full(3, wanted), rel=1e-4)


def test_velocity_error_is_shared_along_the_way() -> None:
    below, cover = travel_covariance(functions(velocity_ln_sd=0.2), 0)
    assert below.tolist() == [0, 1, 2]
    in_c, in_d, in_a = functions()
    mean = np.array([f.mean_h[0] for f in (in_c, in_d, in_a)])
    own = np.array([f.own_sd_h[0] ** 2 for f in (in_c, in_d, in_a)])
    assert np.diag(cover) == pytest.approx(0.04 * mean**2 + own)
    assert cover[0, 1] == pytest.approx(0.04 * mean[0] * mean[1] + own[0])
    assert np.linalg.eigvalsh(cover).min() > 0


def test_slower_water_comes_later_by_the_factor() -> None:
    in_d = functions()[1]
    hours = np.linspace(0, 60, 6001)
    late = in_d.response(hours, start_h=0.0, duration_h=0.5, slowness=1.3)
    mean = np.trapezoid(late * hours, hours, axis=1) / np.trapezoid(late, hours, axis=1)
    assert mean - 0.25 == pytest.approx(1.3 * in_d.mean_h, rel=2e-3)


def test_dead_zones_delay_and_spread_as_in_the_equations() -> None:
    slow = transport_of(
        NETWORK, flow_m3_s=FLOW, own_velocity_sd=0.0, storage=Storage(0.3, 1e-4)
    ).between(*HEADS, SECTIONS[1])
    state = TRAVEL.state
    exact = [
        moments_of(
            [
                Stretch(
                    length, state.area_m2[r], FLOW[r], state.dispersion_m2_s[r],
                    0.3 * state.area_m2[r], 1e-4,
                )
                for r, length in way
            ]
        )
        for way in ([(0, 4000), (2, 6000), (3, 4000)], [(1, 2000), (2, 6000), (3, 4000)])
    ]  # fmt: skip
    assert slow.mean_h[:2] == pytest.approx([m for m, _ in exact])
    assert slow.variance_h2[:2] == pytest.approx([v for _, v in exact])


# ---------------------------------------------------------------------------
# reservoirs


def test_a_reservoir_is_dated_by_its_residence_time_not_by_its_channel() -> None:
    # 9 million m³ at 5 m³/s are 500 h
    hours = residence_hours(np.array([9e6]), np.array([5.0]))
    assert hours == pytest.approx([500.0])
    pond = [
        Reach("r", "l", 1000, 0.001, 0.03, 8, 1.0, 5.0),
        Reach("l", "", 2000, 1e-5, 0.03, 100, 1.0, 5.0, None, "reservoir"),
    ]
    network = network_of(pond)
    travel = transport_of(
        network,
        flow_m3_s=np.full(2, 5.0),
        own_velocity_sd=0.0,
        residence_h=np.array([np.nan, 500.0]),
        mixed_share=0.7,
    )
    [one] = transfers(
        travel,
        reach=np.array([1]),
        position_m=np.array([0.0]),
        sections=[network.point("l", 2000.0)],
        decay_per_day=0.1,
    )
    assert one.mean_h == pytest.approx([500.0])
    assert one.variance_h2 == pytest.approx([350.0**2])
    k = 0.1 / 24
    assert one.survival == pytest.approx([np.exp(-k * 150) / (1 + k * 350)])


def test_one_stirred_tank_answers_exponentially() -> None:
    pond = [Reach("l", "", 2000, 1e-5, 0.03, 100, 1.0, 5.0, None, "reservoir")]
    network = network_of(pond)
    travel = transport_of(
        network, flow_m3_s=np.array([5.0]), own_velocity_sd=0.0, residence_h=np.array([20.0])
    )
    [one] = transfers(
        travel, reach=np.array([0]), position_m=np.array([0.0]), sections=[network.point("l", 2000)]
    )
    hours = np.linspace(0, 100, 201)
    found = one.response(hours, start_h=0.0, duration_h=500.0, rate_g_s=5.0)[0]
    assert found == pytest.approx(1 - np.exp(-hours / 20), abs=1e-5)
    assert tank_step(hours, residence_h=20.0) == pytest.approx(1 - np.exp(-hours / 20), abs=1e-12)


def test_a_plug_arrives_at_once() -> None:
    step = tank_step(np.array([4.9, 5.1]), residence_h=5.0, mixed_share=0.0)
    assert step.tolist() == [0.0, 1.0]


# ---------------------------------------------------------------------------
# changing flow

GRID = np.arange(-72.0, 48.5, 0.5)


def test_steady_gauges_give_the_steady_answer() -> None:
    found = arrivals(TRAVEL, section=SECTIONS[1], time_h=GRID, flow_factor=np.ones(GRID.size))
    when, spread = found.at(*HEADS, np.full(3, -20.0))
    steady = TRAVEL.between(*HEADS, SECTIONS[1])
    assert when + 20 == pytest.approx(steady.mean_h, abs=1e-9)
    assert spread == pytest.approx(steady.variance_h2, rel=1e-9)


def test_on_a_river_of_one_clock_arrival_is_where_the_clock_has_grown_by_the_travel() -> None:
    factor = np.exp(0.8 * np.exp(-((GRID + 10) ** 2) / 50))  # a flood wave, nowhere delayed
    found = arrivals(TRAVEL, section=SECTIONS[1], time_h=GRID, flow_factor=factor)
    when, _ = found.at(*HEADS, np.full(3, -15.0))
    pace = factor**0.4
    clock = np.concatenate([[0], np.cumsum((pace[1:] + pace[:-1]) / 2 * 0.5)])
    wanted = np.interp(
        np.interp(-15.0, GRID, clock) + TRAVEL.between(*HEADS, SECTIONS[1]).mean_h, clock, GRID
    )
    assert when == pytest.approx(wanted, abs=0.02)


def test_a_pulse_that_leaves_on_rising_water_is_pressed_together() -> None:
    rising = np.where(GRID < -12, 1.0, 8.0)
    found = arrivals(TRAVEL, section=SECTIONS[1], time_h=GRID, flow_factor=rising)
    _, spread = found.at(HEADS[0][:1], HEADS[1][:1], np.array([-15.0]))
    assert spread[0] < 0.5 * TRAVEL.between(*HEADS, SECTIONS[1]).variance_h2[0]


def test_a_reach_follows_the_gauge_below_it_and_the_wave_runs_before_the_water() -> None:
    times = np.arange(-72.0, 49.0)
    flood = 4.5 * np.exp(np.exp(-((times + 5) ** 2) / 8))
    factor = flow_factors(TRAVEL, {"d": (times, flood)}, time_h=GRID)
    peaks = GRID[factor.argmax(axis=1)]
    to = TRAVEL.to_outlet[0]
    assert peaks[3] == -5.0
    assert peaks[0] == pytest.approx(-5.0 - (to[0] - to[3]) / (5 / 3), abs=0.5)
    assert (flow_factors(TRAVEL, {}, time_h=GRID) == 1).all()


def test_behind_still_water_nothing_is_dated() -> None:
    gated = [*RIVER[:2], RIVER[2]._replace(kind="gate", flow_m3_s=0.0), RIVER[3]]
    network = network_of(gated)
    flow = np.array([r.flow_m3_s for r in gated])
    travel = transport_of(network, flow_m3_s=flow, own_velocity_sd=0.1)
    section = network.point("d", 4000.0)
    [one] = transfers(travel, reach=HEADS[0], position_m=HEADS[1], sections=[section])
    assert one.places.size == 3
    assert not one.dated.any()
    assert (one.response(np.arange(50.0), start_h=0, duration_h=3) == 0).all()
    found = arrivals(travel, section=section, time_h=GRID, flow_factor=np.ones(GRID.size))
    assert np.isnan(found.at(*HEADS, np.zeros(3))[0]).all()


# ---------------------------------------------------------------------------
# where little is known

# Jobson 1996 by hand: Da 1e9 m², Qa 12, Q 10, S 0.001
DRAINAGE = 1e9**1.25 * 9.81**0.5 / 12


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        pytest.param(
            {"mean_flow_m3_s": 12, "slope": 1e-3},
            0.094 + 0.0143 * DRAINAGE**0.919 * (10 / 12) ** -0.469 * 1e-3**0.159 * 10 / 1e9,
            id="式12-有坡降",
        ),
        pytest.param(
            {"mean_flow_m3_s": 12},
            0.020 + 0.051 * DRAINAGE**0.821 * (10 / 12) ** -0.465 * 10 / 1e9,
            id="式14-无坡降",
        ),
        pytest.param(
            {}, 0.152 + 8.1 * (1e9**1.25 * 9.81**0.5 / 10) ** 0.595 * 10 / 1e9, id="式16-无平均流量"
        ),
        pytest.param(
            {"mean_flow_m3_s": 12, "slope": 1e-3, "envelope": True},
            0.25 + 0.02 * DRAINAGE**0.919 * (10 / 12) ** -0.469 * 1e-3**0.159 * 10 / 1e9,
            id="式13-最快",
        ),
    ],
)
def test_jobson_takes_the_equation_for_what_is_known(known, wanted) -> None:
    assert peak_velocity(10, drainage_m2=1e9, **known) == pytest.approx(wanted)


def test_leading_edge_and_unit_peak() -> None:
    assert leading_edge_h(10.0) == pytest.approx(8.9)
    assert unit_peak(10.0, flow_m3_s=12, mean_flow_m3_s=12) == pytest.approx(857 * 10**-0.76)


def test_the_best_velocity_is_by_the_best_that_is_known(raises_problem) -> None:
    channel = (0.0008, 0.035, 8.0, 1.0)
    by_gauge = best_velocity(3.0, measured=(3.1, 0.6), channel=channel)
    by_law = best_velocity(6.0, measured=(3.0, 0.6), channel=channel)
    by_manning = best_velocity(3.0, channel=channel, drainage_m2=1e9)
    by_jobson = best_velocity(3.0, drainage_m2=1e9)
    assert [v.how for v in (by_gauge, by_law, by_manning, by_jobson)] == [
        "gauge", "geometry", "manning", "jobson",
    ]  # fmt: skip
    assert by_law.value_m_s == pytest.approx(0.6 * 2**0.34)
    assert by_manning.value_m_s == pytest.approx(TRAVEL.state.velocity_m_s[0])
    assert by_gauge.ln_sd < by_law.ln_sd < by_manning.ln_sd < by_jobson.ln_sd
    with raises_problem("river.velocity_unknown"):
        best_velocity(3.0)
    with raises_problem("river.not_positive_value"):
        best_velocity(0.0, channel=channel)


def test_a_bank_outfall_needs_four_times_the_length_of_one_in_the_middle() -> None:
    # rectangular 20 m × 1 m at 0.5 m/s: 0.4·0.5·400/(0.6·1·u*)
    state = hydraulics(
        np.array([10.0]), slope=np.array([5e-4]), manning_n=np.array([0.04]),
        bottom_width_m=np.array([20.0]), side_slope=np.array([0.0]),
    )  # fmt: skip
    depth = state.depth_m
    shear = np.sqrt(9.81 * depth * 5e-4)
    wanted = 0.4 * state.velocity_m_s * 400 / (0.6 * depth * shear)
    bank = mixing_length_m(state, slope=np.array([5e-4]))
    assert bank == pytest.approx(wanted)
    assert mixing_length_m(state, slope=np.array([5e-4]), from_bank=False) == pytest.approx(
        bank / 4
    )
