"""Towns, parks, enterprises and outfalls (镇街、园区、企业、排污口)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from shapely import Point
from shapely.prepared import PreparedGeometry, prep

from qingyuan.cities import credit_code_of
from qingyuan.cities.credit_code import organisation_code_of
from qingyuan.synth.geography.land import District, Land
from qingyuan.synth.geography.plan import Trade, names, plan, trades
from qingyuan.synth.geography.rivers import Network

__all__ = ["Economy", "Enterprise", "Outfall", "Town", "make_economy"]

ENTERPRISES = 600
OUTFALLS = 300
_BODY_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# 排口类别（HJ 1312-2023）与份数 / classes that belong to no listed enterprise, and how many of each
_DIFFUSE = (
    (
        "农村污水处理设施排污口",
        "农村污水处理站",
        "Village Works",
        42,
        80,
        300,
        (42, 8.0, 1.2, 12, 15, 0.5, 950),
    ),
    ("城镇雨洪排口", "雨洪排口", "Storm Outlet", 44, 20, 300, (24, 1.2, 0.2, 7, 4, 0.4, 600)),
    (
        "农村生活污水散排口",
        "村生活污水散排口",
        "Village Drain",
        30,
        15,
        70,
        (85, 16, 2.0, 23, 24, 0.5, 1050),
    ),
    (
        "规模化水产养殖排污口",
        "养殖尾水口",
        "Fish Farm",
        12,
        300,
        1800,
        (22, 1.4, 0.35, 7, 4, 0.4, 900),
    ),
)


@dataclass(slots=True)
class Town:
    """A town or subdistrict; ``river`` is empty for one away from the rivers."""

    code: str
    name: str
    name_en: str
    district: District
    place: NDArray[np.float64]
    river: str = ""
    share: float = 0.0


@dataclass(slots=True)
class Enterprise:
    """An invented enterprise."""

    enterprise_id: str
    name: str
    name_en: str
    credit_code: str
    trade: Trade
    town: Town
    district: District
    place: NDArray[np.float64]
    address: str
    size: str
    permit_class: str
    flow_m3_d: float


@dataclass(slots=True)
class Outfall:
    """An invented outfall; ``effluent`` is its true mean, which no file tells exactly."""

    outfall_id: str
    name: str
    name_en: str
    reach_id: str
    position_m: float
    bank: str
    place: NDArray[np.float64]
    kind: str
    trade: str
    enterprise_id: str
    district: District
    town: Town
    flow_m3_d: float
    effluent: tuple[float, ...]
    online: bool


# class, name, English, trade, enterprise, town, m³/d, mean effluent
_Row = tuple[str, str, str, str, Enterprise | None, Town, float, tuple[float, ...]]


@dataclass(slots=True)
class Economy:
    """Everything that stands on the land."""

    towns: dict[str, Town] = field(default_factory=dict)
    enterprises: list[Enterprise] = field(default_factory=list)
    outfalls: list[Outfall] = field(default_factory=list)


def _make_towns(land: Land, network: Network) -> dict[str, Town]:
    found: dict[str, Town] = {}
    counts: dict[str, int] = {}

    def add(name: str, en: str, place: NDArray[np.float64], river: str, share: float) -> None:
        district = land.district_at(*place)
        counts[district.code] = counts.get(district.code, 0) + 1
        code = f"{district.code}{counts[district.code]:03d}"
        found[name] = Town(code, name, en, district, place, river, share)

    for river, rows in plan()["towns"].items():
        for name, en, share in rows:
            reach, position = network.at_share(river, share)
            point, left = reach.place(position)
            add(name, en, point + left * 1.1, river, share)
    for name, (en, x, y) in plan()["inland_towns"].items():
        add(name, en, np.array([x, y], float), "", 0.0)
    return found


def _credit_code(district: District, rng: np.random.Generator) -> str:
    """Make a well-formed code on a division that does not exist (GB 32100-2015)."""
    body = "".join(_BODY_SIGNS[i] for i in rng.integers(0, len(_BODY_SIGNS), 8))
    return credit_code_of("91" + district.code + organisation_code_of(body))


def _brands(rng: np.random.Generator) -> list[tuple[str, str]]:
    parts = names()
    pairs = [(a[0] + b[0], a[1] + b[1]) for a in parts["firsts"] for b in parts["seconds"]]
    return [pairs[i] for i in rng.permutation(len(pairs))]


def _trade_list(kinds: tuple[str, ...] | None) -> tuple[list[Trade], NDArray[np.float64]]:
    chosen = [t for t in trades().values() if t.weight and (not kinds or t.kind in kinds)]
    weights = np.array([t.weight for t in chosen])
    return chosen, weights / weights.sum()


def _make_enterprises(economy: Economy, land: Land, rng: np.random.Generator) -> None:
    whole = prep(land.whole.buffer(-0.4))
    towns = list(economy.towns.values())
    parks = {park["town"]: park for park in plan()["parks"]}
    urban = np.array([3.0 if t.name.endswith("街道") else 1.0 for t in towns])
    brands = _brands(rng)
    works = [t for t in towns if t.river]
    for number in range(ENTERPRISES):
        if number < len(works):  # one municipal works for every town on a river
            town, trade = works[number], trades()["4620"]
        elif number < len(works) + 160:  # a park takes its own trades
            park = plan()["parks"][int(rng.integers(len(parks)))]
            town = economy.towns[park["town"]]
            chosen, weights = _trade_list((park["kind"],))
            trade = chosen[int(rng.choice(len(chosen), p=weights))]
        else:
            town = towns[int(rng.choice(len(towns), p=urban / urban.sum()))]
            farm = not town.name.endswith("街道")
            chosen, weights = _trade_list(None)
            fits = np.array(
                [
                    w if (t.kind != "farm") or farm else 0
                    for t, w in zip(chosen, weights, strict=True)
                ]
            )
            trade = chosen[int(rng.choice(len(chosen), p=fits / fits.sum()))]
        economy.enterprises.append(
            _enterprise(number, town, trade, brands[number], whole, land, rng)
        )


def _enterprise(
    number: int,
    town: Town,
    trade: Trade,
    brand: tuple[str, str],
    whole: PreparedGeometry,
    land: Land,
    rng: np.random.Generator,
) -> Enterprise:
    place = town.place + rng.normal(0, 1.5, 2)
    while not whole.contains(Point(*place)):
        place = town.place + rng.normal(0, 1.5, 2)
    district = land.district_at(*place)
    name, name_en = f"{brand[0]}{trade.word}有限公司", f"{brand[1]} {trade.en} Co., Ltd."
    if trade.kind == "works":
        name = f"{town.name.rstrip('镇街道')}污水处理厂"
        name_en = f"{town.name_en.rpartition(' ')[0]} Sewage Works"
    elif trade.kind == "service":
        name, name_en = f"{brand[0]}医院", f"{brand[1]} Hospital"
    flow = float(np.exp(rng.uniform(np.log(trade.low_m3_d), np.log(trade.high_m3_d))))
    if trade.kind == "works":
        flow = float(
            rng.uniform(18000, 42000) if town.name.endswith("街道") else rng.uniform(1500, 4500)
        )
    road = names()["roads"][int(rng.integers(len(names()["roads"])))]
    big = flow / trade.high_m3_d
    return Enterprise(
        f"E{number + 1:04d}",
        name,
        name_en,
        _credit_code(district, rng),
        trade,
        town,
        district,
        place,
        f"{plan()['city']['name']}{district.name}{town.name}{road}{int(rng.integers(1, 299))}号",
        "large"
        if big > 0.7 and flow > 1500
        else "medium"
        if flow > 400
        else "small"
        if flow > 40
        else "micro",
        "key" if flow > 400 else "simple" if flow > 80 else "registered",
        round(flow),
    )


def _make_outfalls(
    economy: Economy, land: Land, network: Network, rng: np.random.Generator
) -> None:
    rows: list[_Row] = []
    own = sorted(
        (e for e in economy.enterprises if e.town.river and e.trade.kind != "works"),
        key=lambda e: -e.flow_m3_d,
    )
    works = [e for e in economy.enterprises if e.trade.kind == "works"]
    parks = {park["town"]: park for park in plan()["parks"]}
    diffuse = sum(row[3] for row in _DIFFUSE)
    for e in works + own[: OUTFALLS - diffuse - len(works)]:
        kind = {
            "works": "城镇污水处理厂排污口",
            "farm": "规模化畜禽养殖排污口",
        }.get(e.trade.kind, "工业企业排污口")
        label = f"{e.name}排污口"
        if e.trade.kind == "works" and e.town.name in parks:
            kind = "工业及其他各类园区污水处理厂排污口"
            label = f"{parks[e.town.name]['name']}污水处理厂排污口"
        mean = tuple(v * float(np.exp(rng.normal(0, 0.25))) for v in e.trade.effluent.values())
        rows.append(
            (
                kind,
                label,
                f"{e.name_en.removesuffix(' Co., Ltd.')} Outfall",
                e.trade.code,
                e,
                e.town,
                e.flow_m3_d,
                mean,
            )
        )
    river_towns = [t for t in economy.towns.values() if t.river]
    for kind, word, en, count, low, high, means in _DIFFUSE:
        villages = [t for t in river_towns if kind == "城镇雨洪排口" or not t.name.endswith("街道")]
        for k in range(count):
            town = villages[k % len(villages)]
            flow = round(float(rng.uniform(low, high)))
            mean = tuple(v * float(np.exp(rng.normal(0, 0.3))) for v in means)
            label = f"{town.name.rstrip('镇街道')}{k // len(villages) + 1}号{word}"
            rows.append(
                (
                    kind,
                    label,
                    f"{town.name_en.rpartition(' ')[0]} {en} {k // len(villages) + 1}",
                    "",
                    None,
                    town,
                    flow,
                    mean,
                )
            )
    for number, row in enumerate(rows):
        economy.outfalls.append(_outfall(number, row, land, network, rng))


def _outfall(
    number: int, row: _Row, land: Land, network: Network, rng: np.random.Generator
) -> Outfall:
    kind, label, en, trade, enterprise, town, flow, mean = row
    span = sum(r.length_m for r in network.of_river[town.river]) / 1000
    share = float(np.clip(town.share + rng.normal(0, 1.6) / span, 0.02, 0.985))
    reach, position = network.at_share(town.river, share)
    position = float(round(min(max(position, 20), reach.length_m - 20)))
    point, left = reach.place(position)
    bank = "left" if rng.random() < 0.5 else "right"
    place = point + left * (0.03 if bank == "left" else -0.03)
    online = enterprise is not None and (
        enterprise.trade.kind == "works"
        or (enterprise.permit_class == "key" and rng.random() < 0.3)
    )
    for below in network.downstream(reach.reach_id):
        below.added_m3_s += flow / 86400
    return Outfall(
        f"O{number + 1:03d}",
        label,
        en,
        reach.reach_id,
        position,
        bank,
        place,
        kind,
        trade,
        enterprise.enterprise_id if enterprise else "",
        land.district_at(*place),
        town,
        flow,
        mean,
        online,
    )


def make_economy(seed: int, *, land: Land, network: Network) -> Economy:
    """Return towns, enterprises and outfalls; the flow of *network* gains what is discharged."""
    economy = Economy(towns=_make_towns(land, network))
    _make_enterprises(economy, land, np.random.default_rng([seed, 31]))
    _make_outfalls(economy, land, network, np.random.default_rng([seed, 37]))
    return economy
