from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from qingyuan.cities import City, read_city, shipped_city
from qingyuan.synth import World, drifting_station, falsifiers
from qingyuan.synth.packets import realtime_packet
from qingyuan.synth.tampering import METHODS, Drift, Tampering


@pytest.fixture(scope="module")
def city() -> City:
    return read_city(shipped_city("four_nodes"))


@pytest.fixture(scope="module")
def honest(city: City) -> World:
    return World(city, seed=3, start=city.epoch)


def _device(city: City):
    return next(d for d in city.devices if d.station.startswith("outfall:"))


def _hours(world: World, device, factor: str, *, days: float = 3) -> np.ndarray:
    first = int(world.city.epoch.timestamp()) // 3600 - 24
    values = world.hourly(device, first, int(days * 24))
    return values[:, list(device.factors).index(factor)]


def _lying(honest: World, method: str, strength: float) -> tuple[np.ndarray, np.ndarray]:
    city = honest.city
    device = _device(city)
    tampering = Tampering(
        station=device.station, factor="w21003", method=method, strength=strength,
        start=city.epoch, end=city.epoch + timedelta(days=1),
    )  # fmt: skip
    world = World(city, seed=3, start=city.epoch, tampering=[tampering])
    return _hours(honest, device, "w21003"), _hours(world, device, "w21003")


@pytest.mark.parametrize("method", METHODS)
def test_outside_its_days_a_monitor_says_what_it_measures(honest: World, method: str) -> None:
    true, said = _lying(honest, method, 0.5)
    assert np.array_equal(true[:23], said[:23], equal_nan=True)
    assert np.array_equal(true[49:], said[49:], equal_nan=True)
    assert np.array_equal(np.isnan(true), np.isnan(said))


def test_each_method_does_what_its_name_says(honest: World) -> None:
    true, _ = _lying(honest, "scale", 1.0)
    cap = float(np.nanmedian(true[25:47]))
    assert np.nanmax(_lying(honest, "clamp", cap)[1][25:47]) <= cap
    assert np.allclose(_lying(honest, "scale", 0.6)[1][25:47], 0.6 * true[25:47], equal_nan=True)
    assert len(np.unique(_lying(honest, "freeze", 0.0)[1][25:47])) == 1
    replayed = _lying(honest, "replay", 0.0)[1]
    assert np.allclose(replayed[25:47], true[1:23], rtol=0.05, equal_nan=True)
    noise = _lying(honest, "noise", 0.08)[1][25:47]
    assert 0.03 < np.nanstd(noise) / np.nanmean(noise) < 0.16


def test_a_drift_grows_until_its_calibration_and_is_marked_then(city: City) -> None:
    section = next(d for d in city.devices if d.station.startswith("section:"))
    drift = Drift(
        station=section.station, factor="w21003", per_day=0.1, every_days=2,
        start=city.epoch - timedelta(days=2),
    )  # fmt: skip
    seconds = int(drift.start.timestamp()) + 3600 * np.array([-1, 0, 24, 47, 48, 60])
    assert np.allclose(drift.factor_at(seconds), [1, 1, 1.1, 1 + 0.1 * 47 / 24, 1, 1.05])
    assert list(drift.calibrating(seconds)) == [False, True, False, False, True, False]
    world = World(city, seed=3, start=city.epoch, drifts=[drift])
    packet = realtime_packet(world, section, city.epoch)
    assert b"w21003-Rtd=" in packet
    assert packet.count(b"Flag=C") == 1
    assert {"method": "drift", "station": section.station}.items() <= world.truth()[-1].items()


def test_a_city_has_one_falsifier_for_each_method_and_spares_who_is_spared() -> None:
    city = read_city(shipped_city("demo"))
    chosen = falsifiers(city, seed=1, until=city.epoch)
    assert [one.method for one in chosen] == list(METHODS)
    assert len({one.station for one in chosen}) == len(METHODS)
    assert chosen == falsifiers(city, seed=1, until=city.epoch)
    spared = [one.station.partition(":")[2] for one in chosen]
    others = falsifiers(city, seed=1, until=city.epoch, spared=spared)
    assert not {one.station for one in others} & {one.station for one in chosen}
    assert drifting_station(city, seed=1, until=city.epoch).station.startswith("section:")
