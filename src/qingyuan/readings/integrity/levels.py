"""Levels (水平): piled up under the limit (限值下堆积), scaled (比例突变), jumping at calibration."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qingyuan.readings.integrity.chance import binomial_bits, likeness, surprise
from qingyuan.readings.integrity.doubt import Doubt, doubt_about
from qingyuan.readings.integrity.series import Floats, Series, Site

__all__ = ["find_clipped", "find_jumps", "find_scaled"]

_CALIBRATING = frozenset("C0")
_NOT_LOADS = frozenset({"w00000", "w01001", "w01010", "w01009", "w01014", "a01001", "a01002", "a01007", "a01008"})  # fmt: skip


def find_clipped(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find readings piled up at a height just under the limit, with nothing above (限值下堆积).

    The top of a natural distribution thins out: the band just under its highest value holds no
    more than the band below that. Hours in a row count as one visit.
    """
    limit = site.limits.get(series.factor)
    values = series.values[site.window]
    known = values[~np.isnan(values)]
    if limit is None or limit <= 0 or len(known) < 48:
        return []
    inside = known[known <= limit]
    if len(inside) < 48:
        return []
    top = float(np.percentile(inside, 99.5))
    width = max(rule["band_share"] * limit, 3 * series.quantum)
    if not rule["from_share"] * limit <= top <= limit or width > 0.2 * limit:
        return []
    per_visit = max(1, series.steps(rule["visit_hours"]))
    in_top = _visits((values > top - width) & (values <= top + width / 2), per_visit)
    below = _visits((values > top - 2 * width) & (values <= top - width), per_visit)
    above = int((values > top + width / 2).sum())
    bits = binomial_bits(
        max(0, len(in_top) - above), len(in_top) + len(below), 0.5, tests=rule["tests"]
    )
    if len(in_top) < rule["least_visits"] or above > 0.05 * len(in_top):
        return []
    on = [site.window.start + int(i) for i in np.flatnonzero(values > top - width)]
    return [
        doubt_about(
            "clipped",
            site.station,
            series,
            slice(on[0], on[-1] + 1),
            statistic=len(in_top) / max(1, len(below)),
            bits=bits,
            needed=rule["needed_bits"],
            rests_on=on,
            level=limit,
            values={
                "limit": f"{limit:g}",
                "top": f"{top:.4g}",
                "band": f"{width:.3g}",
                "visits": str(len(in_top)),
                "below": str(len(below)),
            },
        )
    ]


def _visits(inside: np.ndarray, per_visit: int) -> list[int]:
    """Return the first steps of visits: stretches of so many steps with a reading in the band."""
    found: list[int] = []
    for i in np.flatnonzero(inside):
        if not found or i - found[-1] >= per_visit:
            found.append(int(i))
    return found


def _shifts(levels: Floats, half: int) -> Floats:
    """Return the difference of medians of *half* steps after and before each step."""
    if len(levels) < 2 * half:
        return np.full(len(levels), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(levels, half)
    enough = np.isnan(windows).mean(axis=1) < 0.4
    medians = np.full(len(windows), np.nan)
    medians[enough] = np.nanmedian(windows[enough], axis=1)
    out = np.full(len(levels), np.nan)
    out[half : len(levels) - half + 1] = medians[half:] - medians[: len(medians) - half]
    return out


def _middle(values: Floats) -> float:
    """Return the median of what is known; NaN where nothing is."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _against_the_rest(site: Site, series: Series) -> Floats | None:
    """Return log level of a factor less that of the others of its station; None if it is alone."""
    others = [
        np.log(np.maximum(other.values, 1e-9)) - np.log(max(1e-9, _middle(other.values)))
        for code, other in site.series.items()
        if code != series.factor and "." not in code and code not in _NOT_LOADS
        and _middle(other.values) > 0
    ]  # fmt: skip
    if len(others) < 2:
        return None
    stacked = np.vstack(others)
    rest = np.full(stacked.shape[1], np.nan)
    known = (~np.isnan(stacked)).sum(axis=0) >= 2
    rest[known] = np.nanmedian(stacked[:, known], axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.log(np.maximum(series.values, 1e-9)) - rest)


def find_scaled(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find an hour at which one factor alone changes by a ratio and stays there (比例突变).

    Held against the other factors of the station: production moves all of them, a setting of one
    analyser moves one. With fewer than two others nothing is said.
    """
    if not site.station.startswith("outfall:") or series.factor in _NOT_LOADS:
        return []  # in rivers and air the factors have no common cause that would hold their ratios
    if series.floor > 0 and _middle(series.values) <= 2 * series.floor:
        return []
    levels = _against_the_rest(site, series)
    if levels is None:
        return []
    half, near = series.steps(rule["side_hours"]), series.steps(rule["near_hours"])
    wide, close = _shifts(levels, half), _shifts(levels, near)
    past = wide[: site.window.start - half : max(1, half // 4)]
    inside = slice(site.window.start, site.window.stop - half + 1)
    sharp = np.where(
        (np.abs(close) >= rule["sharp_share"] * np.abs(wide)) & (close * wide > 0), wide, np.nan
    )[inside]
    if np.isnan(sharp).all():
        return []
    at = inside.start + int(np.nanargmax(np.abs(sharp)))
    shift = float(wide[at])
    if abs(shift) < np.log(rule["least_ratio"]):
        return []
    known = likeness(np.abs(past), least_spread=rule["least_spread"])
    told = surprise(abs(shift), known, tests=(inside.stop - inside.start) / half)
    if told is None:
        return []
    z, bits = told
    return [
        doubt_about(
            "scaled",
            site.station,
            series,
            slice(at, min(len(series), at + half)),
            statistic=float(np.exp(shift)),
            bits=bits,
            needed=rule["needed_bits"],
            values={
                "ratio": f"{np.exp(shift):.2f}",
                "at": series.time(at).isoformat(),
                "z": f"{z:.1f}",
                "hours": f"{rule['side_hours']:g}",
            },
        )
    ]


def find_jumps(site: Site, series: Series, rule: Mapping[str, float]) -> list[Doubt]:
    """Find a calibration or maintenance after which the level is another (校准前后突变).

    Held against the changes over as long a gap at every other time of the past.
    """
    if not series.flags:
        return []
    side = series.steps(rule["side_hours"])
    marks = [f in _CALIBRATING for f in series.flags]
    pauses = _stretches(marks, site.window)
    if not pauses:
        return []
    levels = series.values / max(1e-12, abs(_middle(series.values)))
    past = np.abs(_shifts(levels, side)[: site.window.start])
    known = likeness(past, least_spread=rule["least_spread"])
    best: tuple[float, float, float, slice] | None = None
    for pause in pauses:
        before, after = (
            levels[max(0, pause.start - side) : pause.start],
            levels[pause.stop : pause.stop + side],
        )
        if min(_known(before), _known(after)) < 0.5 * side:
            continue
        jump = _middle(after) - _middle(before)
        told = surprise(abs(jump), known, tests=len(pauses))
        if (
            told is not None
            and abs(jump) >= rule["least_jump"]
            and (best is None or told[1] > best[1])
        ):
            best = (jump, told[1], told[0], pause)
    if best is None:
        return []
    jump, bits, z, pause = best
    return [
        doubt_about(
            "jump",
            site.station,
            series,
            slice(max(0, pause.start - side), min(len(series), pause.stop + side)),
            statistic=jump,
            bits=bits,
            needed=rule["needed_bits"],
            clause="HJ 212-2017 数据标记 C",
            values={
                "at": series.time(pause.start).isoformat(),
                "jump": f"{100 * jump:+.0f}",
                "z": f"{z:.1f}",
                "hours": f"{rule['side_hours']:g}",
            },
        )
    ]  # fmt: skip


def _known(values: Floats) -> int:
    return int((~np.isnan(values)).sum())


def _stretches(marks: list[bool], steps: slice) -> list[slice]:
    found: list[slice] = []
    for i in range(steps.start, steps.stop):
        if not marks[i]:
            continue
        if found and i - found[-1].stop <= 2:
            found[-1] = slice(found[-1].start, i + 1)
        else:
            found.append(slice(i, i + 1))
    return found
