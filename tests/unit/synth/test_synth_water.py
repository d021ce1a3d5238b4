"""The numerical model against answers worked out by hand on the four-node town.

A = 10 m², u = 0.50 m/s, Q = 5 m³/s (city.toml says how); a reach takes two hours.
"""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from qingyuan.cities import read_city, shipped_city
from qingyuan.synth import Release, World
from qingyuan.synth.effluent import CARRIED
from qingyuan.synth.nature import STEP_S, Nature
from qingyuan.synth.water import Water

NH3 = CARRIED.index("w21003")


@pytest.fixture(scope="module")
def town():
    return read_city(shipped_city("four_nodes"))


def still(water):
    return {
        "inflow": np.zeros(water.cells),
        "load": np.zeros((water.cells, 1)),
        "loss_per_s": np.zeros(1),
    }


def test_velocity_and_area_are_those_of_the_hand_calculation(town):
    water = Water(town, substances=1)
    area, flow = water.area[0], water.seen(np.array([0]))[1][0]
    assert area == pytest.approx(10.0, rel=0.01)
    assert flow == pytest.approx(5.01, rel=1e-6)


def test_a_steady_river_stays_steady(town):
    water = Water(town, substances=1)
    water.fill(np.array([2.0]))
    rest = still(water)
    rest["inflow"][0] = 5.01
    rest["load"][0] = 5.01 * 2.0
    rest["inflow"][9], rest["inflow"][18] = 0.02, 0.01
    rest["load"][9], rest["load"][18] = 0.02 * 2, 0.01 * 2
    for _ in range(50):
        water.step(STEP_S, **rest)
    conc, flow = water.seen(np.arange(water.cells))
    assert conc == pytest.approx(np.full((27, 1), 2.0), rel=1e-6)
    assert flow[-1] == pytest.approx(5.04, rel=1e-3)


def test_nothing_is_gained_or_lost_but_through_the_outlet(town):
    water = Water(town, substances=1)
    rest = still(water)
    rest["inflow"][0] = 5.01
    rest["load"][3] = 8.0  # 8 g/s for half an hour = 14.4 kg, none of it near the outlet yet
    for _ in range(6):
        water.step(STEP_S, **rest)
    assert water.mass.sum() == pytest.approx(8.0 * 1800, rel=1e-3)


def test_concentration_never_falls_below_zero_nor_overshoots(town):
    water = Water(town, substances=1)
    rest = still(water)
    rest["inflow"][0], rest["load"][0] = 5.01, 5.01
    for _ in range(30):
        water.step(STEP_S, **rest)
        conc, _ = water.seen(np.arange(water.cells))
        assert conc.min() >= 0
        assert conc.max() <= 1.0 + 1e-6


def test_half_of_a_release_has_arrived_after_the_hand_calculated_travel_time(town):
    """O2 to S2: 4500 m at 0.50 m/s = 2.5 h; 0.05 m³/s × 150 mg/L into 5.08 m³/s = +1.48 mg/L."""
    start = town.epoch - timedelta(hours=4)
    release = Release(
        outfall_id="O2",
        start=start,
        duration_h=8,
        flow_m3_s=0.05,
        concentration={"w21003": 150.0},
    )
    end = start + timedelta(hours=6)
    quiet, busy = (Nature(town, seed=1, start=end, releases=r) for r in ([], [release]))
    seconds = np.arange(int(start.timestamp()), int(end.timestamp()), 60)
    rise = busy.section_truth(1, seconds)[0][:, NH3] - quiet.section_truth(1, seconds)[0][:, NH3]
    top = rise[-30:].mean()
    loss = 0.22 / 24 * 2.5  # first order, two and a half hours
    assert top == pytest.approx(0.05 * 150 / 5.08 * (1 - loss), rel=0.05)
    half = (np.flatnonzero(rise > top / 2)[0]) / 60
    assert half == pytest.approx(2.5, abs=0.25)


def test_upstream_of_the_release_nothing_changes_but_by_mixing(town):
    start = town.epoch - timedelta(hours=4)
    release = Release(
        outfall_id="O2", start=start, duration_h=3, flow_m3_s=0.05, concentration={"w21003": 150.0}
    )
    quiet, busy = (Nature(town, seed=1, start=town.epoch, releases=r) for r in ([], [release]))
    seconds = np.arange(int(start.timestamp()), int(town.epoch.timestamp()), 300)
    before, after = (world.section_truth(0, seconds)[0][:, NH3] for world in (quiet, busy))
    assert after == pytest.approx(before, abs=0.01)  # two cells above, of a rise of 1.5


def test_a_rise_of_water_travels_faster_than_the_water(town):
    water = Water(town, substances=1)
    rest = still(water)
    rest["inflow"][0], rest["load"][0] = 7.5, 7.5
    before = water.seen(np.array([26]))[1][0]
    arrived = {}
    for step in range(500):
        water.step(60, **rest)
        conc, flow = water.seen(np.array([26]))
        if "flow" not in arrived and flow[0] > before + 1.2:
            arrived["flow"] = step
        if "water" not in arrived and conc[0, 0] > 0.5:
            arrived["water"] = step
    assert arrived["flow"] < arrived["water"]


def test_rain_swells_the_river_and_washes_turbidity_in():
    from qingyuan.synth.weather import rain_mm, runoff

    hours = 24 * 60
    first = 494_000  # some summer hour
    rain, more = rain_mm(3, first, hours), runoff(3, first, hours)
    assert rain.sum() > 0
    assert more.min() >= 0
    assert more[np.argmax(rain) + 6] > more[np.argmax(rain) - 1]


# -- instruments --------------------------------------------------------------------------------


def monitor(town, station):
    return next(d for d in town.devices if d.station == station)


@pytest.mark.parametrize("trick", ["honest", "flat", "diluted", "silent"])
def test_a_monitor_tells_the_truth_or_its_trick(town, trick):
    release = Release(
        outfall_id="O2",
        start=town.epoch - timedelta(hours=3),
        duration_h=6,
        flow_m3_s=0.05,
        concentration={"w21003": 150.0, "w01018": 600.0},
        monitor=trick,
    )
    world = World(town, seed=1, start=town.epoch, releases=[release])
    first = int(release.start.timestamp())
    before = world.read_many(monitor(town, "outfall:O2"), np.arange(first - 3600, first, 300))
    during = world.read_many(monitor(town, "outfall:O2"), np.arange(first, first + 7200, 300))
    ammonia = list(monitor(town, "outfall:O2").factors).index("w21003")
    if trick == "honest":
        assert during[:, ammonia].min() > 5 * before[:, ammonia].max()
    elif trick == "flat":
        assert len(set(during[:, ammonia])) == 1
    elif trick == "diluted":
        assert during[:, ammonia].max() < before[:, ammonia].max()
    else:
        assert np.isnan(during).all()


def test_readings_scatter_about_the_truth_and_the_same_seed_reads_the_same(town):
    device = monitor(town, "section:S1")
    seconds = np.arange(int(town.epoch.timestamp()), int(town.epoch.timestamp()) + 7200, 60)
    worlds = [World(town, seed=s, start=town.epoch) for s in (1, 1, 2)]
    for world in worlds:
        world.advance(town.epoch + timedelta(hours=3))
    a, b, c = (world.read_many(device, seconds) for world in worlds)
    assert np.array_equal(a, b, equal_nan=True)
    assert not np.array_equal(a, c, equal_nan=True)
    k = list(device.factors).index("w21003")
    truth = worlds[0].section_truth(0, seconds)[0][:, NH3]
    error = a[:, k] / truth - 1
    assert 0.005 < error.std() < 0.02


def test_how_the_world_is_advanced_does_not_matter(town):
    later = town.epoch + timedelta(hours=5)
    once, often = (World(town, seed=1, start=town.epoch) for _ in range(2))
    once.advance(later)
    for minutes in range(0, 301, 7):
        often.advance(town.epoch + timedelta(minutes=minutes))
    often.advance(later)
    device = monitor(town, "section:S2")
    assert once.read(device, later) == often.read(device, later)


def test_a_world_started_days_later_agrees_about_now():
    city = read_city(shipped_city("demo"))
    early = World(city, seed=1, start=city.epoch - timedelta(days=4))
    early.advance(city.epoch)
    late = World(city, seed=1, start=city.epoch)
    now = np.array([int(city.epoch.timestamp())])
    for number in range(len(city.sections)):
        a, b = (w.section_truth(number, now)[0][0] for w in (early, late))
        assert a == pytest.approx(b, rel=0.02)


def test_an_analyser_that_is_stuck_repeats_itself(town):
    world = World(town, seed=1, start=town.epoch - timedelta(days=40))
    world.advance(town.epoch)
    first = int((town.epoch - timedelta(days=39)).timestamp())
    seconds = np.arange(first, first + 38 * 86400, 3600)
    spells = 0
    for device in town.devices:
        values = world.read_many(device, seconds)
        spells += int((np.diff(values, axis=0) == 0).sum())
        assert 0 < np.isnan(values[:, 0]).mean() < 0.05 or not np.isnan(values).any()
    assert spells > 0


def test_the_truth_is_told_in_the_words_of_the_event_format(town):
    release = Release(
        outfall_id="O2",
        start=town.epoch,
        duration_h=2,
        flow_m3_s=0.05,
        concentration={"w21003": 150.0},
    )
    (row,) = World(town, seed=1, start=town.epoch, releases=[release]).truth()
    assert row["outfall_id"] == "O2"
    assert row["release_start"] == "2026-09-22T08:30:00+08:00"
    assert row["concentration"] == {"w21003": 150.0}


def test_another_town_without_outfalls_still_flows(town):
    bare = replace(town, outfalls=(), profiles=(), limits=(), devices=town.devices[:2])
    world = World(bare, seed=1, start=bare.epoch)
    assert world.read(bare.devices[0], bare.epoch)["w21003"] == pytest.approx(0.1, abs=0.05)
