"""Real tracers against the transport of this house, and a release located from its curves.

    python bench/river/tracers.py [DATA] [--json]

Forward: how far the model is from what was measured, in shares of the peak (rms) or of the travel
time. Backward: `qingyuan.river.locate` on the stations named; the place counted from the farthest
station, as the alarmed section would, and the share of cases whose 90 % interval holds the truth.
The prior velocity of every case is off by the factor printed: a bureau does not know it better.
The place is sought in one and a half times the distance to the farthest station; the prior
dispersion of the two creeks and of the Severn is an order of magnitude set by hand, for their
data give no slope or no depth. Where the release stood in Oak Creek is not published: it is taken
above the upper station by the tracer's own speed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qingyuan.river.dispersion import dispersion
from qingyuan.river.locate import Channel, Curve, locate
from qingyuan.river.routing import route
from qingyuan.river.storage import Stretch

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("QINGYUAN_SHARED", HERE.parents[2] / "shared")) / "data"
OFF = (0.85, 1.0, 1.2)  # prior velocity against the one between the stations


@dataclass(frozen=True)
class Case:
    """Stations that saw one release; truth on the same marks and clock."""

    name: str
    curves: tuple[Curve, ...]
    source_m: float
    start_h: float
    velocity_m_s: float
    dispersion_m2_s: float

    @property
    def farthest_m(self) -> float:
        """From the source to the farthest station."""
        return self.curves[-1].distance_m - self.source_m


def main() -> int:
    """Print the figures."""
    call = argparse.ArgumentParser()
    call.add_argument("data", nargs="?", type=Path, default=SHARED / "water" / "tracer")
    call.add_argument("--json", action="store_true")
    args = call.parse_args()
    forward = _forward(args.data)
    rows, summary = _backward(_cases(args.data))
    if args.json:
        print(json.dumps({"forward": forward, "backward": rows, "summary": summary}))
        return 0
    for name, value in forward.items():
        print(f"{name:<58}{value:8.1%}")
    print(
        f"\n{'case':<26}{'u×':>5}{'place err':>10}{'time err':>10}{'90 % place':>24}{'in':>4}{'s':>6}"
    )
    for r in rows:
        print(
            f"{r['case']:<26}{r['velocity_off']:5.2f}{r['place_error']:10.0%}{r['time_error']:10.0%}"
            f"{r['low_m']:12.0f} …{r['high_m']:9.0f}{'yes' if r['covered'] else 'no':>5}{r['seconds']:6.1f}"
        )
    for name, value in summary.items():
        print(f"{name}: {value:.3g}")
    return 0


# ---------------------------------------------------------------------------
# data


def _rows(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as text:
            return list(csv.DictReader(text))
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def _uvas(data: Path) -> dict[float, Curve]:
    rows = [r for r in _rows(data / "uvas_creek_1972_chloride.csv") if r["kind"] == "observed"]
    found = {}
    for x in (38.0, 105.0, 281.0, 433.0, 619.0):
        at = [r for r in rows if float(r["distance_m"]) == x]
        hours = np.array([float(r["time_h"]) for r in at])
        found[x] = Curve(x, hours, np.maximum([float(r["conc"]) - 3.7 for r in at], 0.0))
    return found


def _oak(data: Path, reach: int, series: str, at_m: float) -> Curve:
    rows = [r for r in _rows(data / f"oak_creek_2023_reach{reach}.csv.gz") if r["series"] == series]
    hours = np.array([float(r["time_s"]) for r in rows]) / 3600
    return Curve(at_m, hours, np.maximum([float(r["cl_excess_g_m3"]) for r in rows], 0.0))


def _clark(data: Path) -> tuple[Curve, Curve]:
    rows = _rows(data / "clark_fork_2020_rhodamine.csv")
    hours = np.array([float(r["time_min"]) for r in rows]) / 60
    found = []
    for name, at in (("us_sensor_obs", 0.0), ("ds_sensor_obs", 4320.0)):
        value = np.array([float(r[name]) if r[name] else np.nan for r in rows])
        good = ~np.isnan(value)
        value = np.interp(hours, hours[good], value[good])
        # the background drifts: a line through the first and the last tenth
        tenth = len(hours) // 10
        low, high = np.median(value[:tenth]), np.median(value[-tenth:])
        base = np.interp(hours, [hours[tenth // 2], hours[-tenth // 2]], [low, high])
        found.append(Curve(at, hours, np.maximum(value - base, 0.0)))
    return found[0], found[1]


def _severn(data: Path) -> list[tuple[float, float, float, float, float]]:
    """Return end of reach, mean velocity Q/BH of the reach, and first, peak, last times."""
    return [
        (
            float(r["reach_end_m"]),
            float(r["Q_m3_s"]) / float(r["width_m"]) / float(r["depth_m"]),
            float(r["t_first_h"]),
            float(r["t_peak_h"]),
            float(r["t_last_h"]),
        )
        for r in _rows(data / "river_severn_tracer_summary.csv")
    ]


# ---------------------------------------------------------------------------
# forward


def _forward(data: Path) -> dict[str, float]:
    found = {}
    stretches, flow = [], 0.0125
    for length, area, spread, storage, alpha, lateral in (
        (38, 0.30, 0.12, 0.05, 0.0, 0.0),
        (67, 0.42, 0.15, 0.05, 0.0, 0.0),
        (176, 0.36, 0.24, 0.36, 3.0e-5, 4.545e-6),
        (152, 0.41, 0.31, 0.41, 1.0e-5, 1.974e-6),
        (236, 0.52, 0.40, 1.56, 4.5e-5, 2.151e-6),
    ):
        stretches.append(Stretch(length, area, flow, spread, storage, alpha, lateral))
        flow += lateral * length
    hours = np.arange(7.9, 24.5, 0.02)
    places = [38.0, 105.0, 281.0, 433.0, 619.0]
    model = route(
        stretches,
        lambda h: np.where((h >= 8.4) & (h < 11.4), 7.7, 0.0),
        time_h=hours,
        at_m=places,
    )
    for i, (x, curve) in enumerate(_uvas(data).items()):
        off = np.interp(curve.time_h, hours, model[:, i]) - curve.value
        found[f"Uvas {x:.0f} m, OTIS parameters, rms of the peak"] = float(
            np.sqrt(np.mean(off**2)) / curve.value.max()
        )
    up, down = _clark(data)
    channel = [Stretch(9000, 8.82, 6.1, 30.3, 0.53, 4e-5)]
    fine = np.arange(0.0, down.time_h[-1] + 1e-9, 1 / 60)
    model = route(
        channel,
        lambda h: np.interp(h, up.time_h, up.value),
        time_h=fine,
        at_m=[4320.0],
        cell_m=20,
    )[:, 0]
    there = np.interp(down.time_h, fine, model)
    size = (there * down.value).sum() / (there**2).sum()  # the sensors' gains differ
    found["Clark Fork 4,320 m, the source's parameters, rms of the peak"] = float(
        np.sqrt(np.mean((size * there - down.value) ** 2)) / down.value.max()
    )
    at, travel, off = 0.0, 0.0, []
    for end, velocity, _, peak, _ in _severn(data):
        travel += (end - at) / velocity / 3600
        at = end
        off.append(travel / peak - 1)
    found["Severn 13,775 m, peak time by Q/(B·H), error at the end"] = abs(off[-1])
    found["Severn, 7 stations, median error of peak time by Q/(B·H)"] = float(
        np.median(np.abs(off))
    )
    return found


# ---------------------------------------------------------------------------
# backward


def _between(curves: tuple[Curve, ...]) -> float:
    """Return the velocity in m/s between the peaks of the first and the last station."""
    first, last = curves[0], curves[-1]
    hours = last.time_h[last.value.argmax()] - first.time_h[first.value.argmax()]
    return (last.distance_m - first.distance_m) / hours / 3600


def _cases(data: Path) -> list[Case]:
    uvas = _uvas(data)
    cases = []
    for xs in ((105.0, 281.0), (105.0, 281.0, 433.0), (281.0, 433.0), (281.0, 433.0, 619.0)):
        curves = tuple(uvas[x] for x in xs)
        cases.append(
            Case(f"Uvas {'+'.join(f'{x:.0f}' for x in xs)}", curves, 0.0, 8.4, 0.034, 0.25)
        )
    # Oak Creek: the release stood a little above the upper station; by its own speed to it
    for reach, length, up_s, down_s in (
        (1, 80.5, 60, 1725),
        (2, 67.0, 340, 1390),
        (3, 140.0, 115, 3130),
    ):
        above = length * up_s / (down_s - up_s)
        pair = (
            _oak(data, reach, "release2_upstream_end", 0.0),
            _oak(data, reach, "release2_downstream_end", length),
        )
        speed = length / (down_s - up_s)
        cases.append(Case(f"Oak Creek {reach}, both ends", pair, -above, 0.0, speed, 0.15))
        cases.append(Case(f"Oak Creek {reach}, lower end", pair[1:], -above, 0.0, speed, 0.15))
    up, down = _clark(data)
    start = float(up.time_h[up.value > 0.1 * up.value.max()].min())
    width, depth, u = 8.82 / 0.6, 0.6, 6.1 / 8.82
    # no slope is given: u/u* of ten, the middle of the field values
    spread = dispersion(*(np.array([width]),), depth_m=np.array([depth]), velocity_m_s=np.array([u]), shear_velocity_m_s=np.array([u / 10]))[0]  # fmt: skip
    cases.append(Case("Clark Fork, lower sensor", (down,), 0.0, start, u, float(spread)))
    severn = _severn(data)
    for picked in ((3, 4, 5, 6), (2, 3, 4), (4, 5, 6)):
        # first, peak and last times as a curve of five points; ends at a fiftieth of the peak
        curves = tuple(
            Curve(
                severn[i][0],
                np.array([severn[i][2], 0.4 * severn[i][2] + 0.6 * severn[i][3], severn[i][3],
                          0.7 * severn[i][3] + 0.3 * severn[i][4], severn[i][4]]),
                np.array([0.02, 0.55, 1.0, 0.35, 0.02]),
            )
            for i in picked
        )  # fmt: skip
        name = f"Severn {'+'.join(f'{severn[i][0] / 1000:.1f}' for i in picked)} km"
        cases.append(Case(name, curves, 45.0, 0.0, 0.75, 20.0))
    return cases


def _backward(cases: list[Case]) -> tuple[list[dict[str, object]], dict[str, float]]:
    rows: list[dict[str, object]] = []
    for number, case in enumerate(cases):
        off = OFF[number % len(OFF)]
        began = time.perf_counter()
        nearest = case.curves[0].distance_m - case.source_m
        found = locate(
            case.curves,
            Channel(case.velocity_m_s * off, case.dispersion_m2_s),
            # as much river above as the stations are apart twice over, whatever the truth
            longest_m=max(
                2 * (case.curves[-1].distance_m - case.curves[0].distance_m),
                3 * case.farthest_m / 2,
            ),
        )
        peak = case.curves[-1].time_h[case.curves[-1].value.argmax()]
        travel = float(peak) - case.start_h
        rows.append(
            {
                "case": case.name,
                "velocity_off": off,
                "place_error": abs(found.distance_m.p50 - nearest) / case.farthest_m,
                "place_error_of_nearest": abs(found.distance_m.p50 - nearest) / nearest,
                "time_error": abs(found.start_h.p50 - case.start_h) / travel,
                "low_m": found.distance_m.p05,
                "high_m": found.distance_m.p95,
                "truth_m": nearest,
                "covered": found.distance_m.p05 <= nearest <= found.distance_m.p95,
                "covered_time": found.start_h.p05 <= case.start_h <= found.start_h.p95,
                "misfit": found.misfit,
                "seconds": time.perf_counter() - began,
            }
        )

    def column(name: str) -> np.ndarray:
        return np.array([float(r[name]) for r in rows])  # type: ignore[arg-type]  # numbers only

    return rows, {
        "median place error (share of the distance to the farthest station)": float(
            np.median(column("place_error"))
        ),
        "median place error (share of the distance to the nearest station)": float(
            np.median(column("place_error_of_nearest"))
        ),
        "median time error (share of the travel time)": float(np.median(column("time_error"))),
        "90 % interval holds the place": float(column("covered").mean()),
        "90 % interval holds the start": float(column("covered_time").mean()),
        "cases": len(rows),
    }


if __name__ == "__main__":
    raise SystemExit(main())
