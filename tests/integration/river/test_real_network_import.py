"""Eleven thousand real reaches: every fifth drawn backwards, shuffled, and put together again."""

from __future__ import annotations

import csv
import gzip
import json
import random
from pathlib import Path

import pytest

from qingyuan.river.importing import Layer, Options, import_network, read_layer
from qingyuan.river.network import network_of

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def channels(shared_data: Path) -> dict[str, dict[str, str]]:
    path = shared_data / "water/networks/lower_colorado_tx_channels.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as text:
        return {row["link"]: row for row in csv.DictReader(text)}


@pytest.fixture(scope="module")
def drawn(channels: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Layer:
    """A straight line from each channel's place to that of the next one down."""
    dice = random.Random(1)
    features = []
    for row in channels.values():
        below = channels.get(row["to"])
        here = [float(row["lon"]), float(row["lat"]), float(row["alt"])]
        there = [here[0] + 0.001, here[1] - 0.001, here[2] - 0.1]
        if below is not None:
            there = [float(below["lon"]), float(below["lat"]), float(below["alt"])]
        line = [there, here] if dice.random() < 0.2 else [here, there]
        props = {k: row[k] for k in ("link", "to", "So", "n", "BtmWdth", "ChSlp")}
        geometry = {"type": "LineString", "coordinates": line}
        features.append({"type": "Feature", "properties": props, "geometry": geometry})
    dice.shuffle(features)
    path = tmp_path_factory.mktemp("net") / "lines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return read_layer(path)


@pytest.mark.parametrize("direction", ["attribute", "elevation", "digitised"])
def test_the_river_is_put_together_again(
    channels: dict[str, dict[str, str]], drawn: Layer, direction: str
) -> None:
    found = import_network(drawn, options=Options(direction=direction, tolerance_m=2, dangle_m=0))
    network_of(found.reaches)  # no loop, all of it flows to an outlet
    parts: dict[str, list[tuple[str, str]]] = {}
    for reach in found.reaches:
        name = reach.reach_id.split(".")[0]
        parts.setdefault(name, []).append((reach.reach_id, reach.to_reach_id))
    right = 0
    for name, row in channels.items():
        wanted = row["to"] if row["to"] in channels else ""
        own = {reach for reach, _ in parts.get(name, [])}
        below = {to.split(".")[0] for _, to in parts.get(name, []) if to not in own}
        right += below == {wanted}
    # straight lines cross where the real channels do not: about 60 places
    assert right / len(channels) > 0.985
    assert found.counts["reversed"] == pytest.approx(0.2 * len(channels), rel=0.1)
    assert "slope" not in found.estimated[0]
