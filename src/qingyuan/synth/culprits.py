"""Who lets go what, and when (谁在偷排): releases chosen by a seed and timed by the world itself.

A release is moved in time until the truth at the section below crosses its limit at the wanted
instant: the world is run, the crossing read off, the start shifted, and the world run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np

from qingyuan.cities import City, Outfall, Section
from qingyuan.synth.chance import normal_at
from qingyuan.synth.effluent import CARRIED, Discharge
from qingyuan.synth.nature import STEP_S, Nature
from qingyuan.synth.releases import Release

__all__ = ["AMMONIA", "Incident", "Suspect", "incidents", "suspects"]

AMMONIA = "w21003"
# GB 3838-2002 表1 氨氮 mg/L
_LIMITS: Mapping[str, float] = MappingProxyType({"Ⅰ": 0.15, "Ⅱ": 0.5, "Ⅲ": 1.0, "Ⅳ": 1.5, "Ⅴ": 2.0})
_NEAREST_M, _FARTHEST_M = 1500.0, 11000.0
_SCALED = 0.94  # untreated liquor is rich in everything, richest in ammonia
_OVER = 1.3  # the peak stands this many limits above what is there anyway


@dataclass(frozen=True, slots=True)
class Suspect:
    """An outfall that could do it, and the section that would tell."""

    outfall: Outfall
    section: Section
    distance_m: float
    flow_m3_s: float
    reaches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """A release and where it shows: ``crosses`` is when the truth passes ``limit``."""

    role: str
    release: Release
    section_id: str
    factor: str
    limit: float
    crosses: datetime


def suspects(city: City) -> list[Suspect]:
    """Return sampled outfalls of enterprises that sign in, above a section they can move."""
    reaches = {r.reach_id: r for r in city.reaches}
    by_reach: dict[str, list[Section]] = {}
    for section in city.sections:
        by_reach.setdefault(section.reach_id, []).append(section)
    signing = {p.enterprise_id for p in city.people if p.enterprise_id}
    sampled = {p.outfall_id for p in city.profiles}
    found = []
    for outfall in city.outfalls:
        if (
            outfall.outfall_id not in sampled
            or outfall.enterprise_id not in signing
            or "污水处理厂" in outfall.outfall_class
        ):
            continue
        at, before, passed = outfall.reach_id, -outfall.position_m, []
        while at:
            passed.append(at)
            below = [s for s in by_reach.get(at, ()) if before + s.position_m > 0]
            if below:
                section = min(below, key=lambda s: s.position_m)
                distance = before + section.position_m
                if _NEAREST_M <= distance <= _FARTHEST_M:
                    found.append(
                        Suspect(outfall, section, distance, reaches[at].flow_m3_s, tuple(passed))
                    )
                break
            before += reaches[at].length_m
            at = reaches[at].to_reach_id
    return found


def _release(
    suspect: Suspect, discharge: Discharge, *, start: datetime, monitor: str, over: float
) -> Release:
    """Let go enough ammonia to lift the section by *over* limits, in the outfall's own mixture."""
    outfall = suspect.outfall
    number = discharge.outfalls.index(outfall)
    means = dict(zip(CARRIED, discharge.means[number], strict=True))
    need_g_s = over * _LIMITS[suspect.section.target_class] * suspect.flow_m3_s
    pipe = outfall.max_flow_m3_s or 0.05
    flow = min(0.6 * pipe, max(need_g_s / 160.0, 0.004))
    ammonia = need_g_s / flow
    times = ammonia / means[AMMONIA]
    chance = normal_at(discharge.seed, 107, number, np.arange(len(CARRIED)))
    conc = {
        code: mean * times**_SCALED * float(np.exp(0.15 * c))
        for (code, mean), c in zip(means.items(), chance, strict=True)
    }
    conc[AMMONIA] = ammonia
    conc["w21001"] = max(conc["w21001"], 1.25 * ammonia)
    conc["w01014"] = min(means["w01014"] * times**0.3, 9000.0)
    conc["w01003"] = min(conc["w01003"], 400.0)
    return Release(
        outfall_id=outfall.outfall_id,
        start=start,
        duration_h=10.0,
        flow_m3_s=round(flow, 5),
        concentration={code: round(float(value), 2) for code, value in conc.items()},
        monitor=monitor,
    )


def _timed(
    city: City,
    suspect: Suspect,
    release: Release,
    *,
    seed: int,
    wanted: datetime,
    limit: float,
    within: timedelta,
) -> tuple[Release, datetime] | None:
    """Shift the release so that the section crosses its limit at *wanted*; None if it never does."""
    number = city.sections.index(suspect.section)
    guess = timedelta(seconds=suspect.distance_m / 0.5)
    release = replace(release, start=wanted - guess)
    crossing = None
    for _ in range(4):
        crossing = _crossing(city, number, release, seed=seed, limit=limit)
        if crossing is None:
            return None
        off = wanted - crossing
        if abs(off) <= within:
            break
        release = replace(release, start=release.start + off)
    return release, crossing or wanted


def _crossing(
    city: City, section: int, release: Release, *, seed: int, limit: float
) -> datetime | None:
    world = Nature(city, seed=seed, start=release.start, releases=[release])
    world.advance(release.start + timedelta(hours=release.duration_h + 6))
    first = int(release.start.timestamp()) // STEP_S * STEP_S
    seconds = np.arange(first, int(world.now.timestamp()) - STEP_S, 20)
    values = world.section_truth(section, seconds)[0][:, CARRIED.index(AMMONIA)]
    over = np.flatnonzero(values > limit)
    if not len(over) or over[0] == 0:
        return None
    i = int(over[0])
    share = (limit - values[i - 1]) / (values[i] - values[i - 1])
    return datetime.fromtimestamp(float(seconds[i - 1] + 20 * share), tz=UTC)


# how long before city time begins the limit is crossed, and what the monitor does meanwhile
_DEMO = (
    ("main", timedelta(minutes=-1), "flat"),
    ("second", timedelta(hours=5), "silent"),
)
_PAST_DAYS = (9, 23, 38, 55, 71)
_SMALL = 3  # suspects
_FOUR_NODES = (("main", timedelta(minutes=-1), "flat"),)


def incidents(city: City, *, seed: int, epoch: datetime, past: bool = True) -> list[Incident]:
    """Return the incidents of the demo for a seed: main, second and past ones.

    Parameters
    ----------
    city : City
        Needs at least one suspect; a small city has the main incident only.
    seed : int
        Chooses who, and makes the world in which the timing is found.
    epoch : datetime
        When city time starts; the main incident crosses its limit one minute later.
    past : bool
        Also the closed ones of the last three months (each costs a run of the world).
    """
    rows = suspects(city)
    rng = np.random.default_rng([seed, 103])
    small = len(rows) <= _SMALL
    order = [rows[i] for i in rng.permutation(len(rows))]
    if small:  # nothing to choose: the farthest one, as worked out by hand
        order = sorted(rows, key=lambda s: -s.distance_m)
    plan = list(_FOUR_NODES if small else _DEMO)
    if past and not small:
        plan += [
            ("past", timedelta(days=d, hours=3 * k), "honest") for k, d in enumerate(_PAST_DAYS)
        ]
    discharge = Discharge(city, seed=seed)
    found: list[Incident] = []
    taken: set[str] = set()
    for role, ago, monitor in plan:
        if role == "past":  # a section may be hit again, an outfall is not caught twice
            taken -= {i.section_id for i in found}
        if made := _first_that_works(
            city, order, discharge, taken, role=role, wanted=epoch - ago, monitor=monitor, seed=seed
        ):
            found.append(made)
    return found


def _first_that_works(
    city: City,
    order: Sequence[Suspect],
    discharge: Discharge,
    taken: set[str],
    *,
    role: str,
    wanted: datetime,
    monitor: str,
    seed: int,
) -> Incident | None:
    for suspect in order:
        if suspect.section.section_id in taken or suspect.outfall.outfall_id in taken:
            continue
        limit = _LIMITS[suspect.section.target_class]
        over = _OVER if suspect.section.target_class != "Ⅳ" else 1.0
        release = _release(suspect, discharge, start=wanted, monitor=monitor, over=over)
        within = timedelta(seconds=2) if role == "main" else timedelta(hours=1)
        timed = _timed(city, suspect, release, seed=seed, wanted=wanted, limit=limit, within=within)
        if timed is None:
            continue
        taken |= {suspect.section.section_id, suspect.outfall.outfall_id}
        return Incident(role, timed[0], suspect.section.section_id, AMMONIA, limit, timed[1])
    return None
