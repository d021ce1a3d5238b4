"""Sampling until sure (逐次采样评测): how many of the proposed samples name the culprit.

A *probe* answers what a sample would have read; it comes from whoever simulated the event, in
``probe.csv`` (``reach_id,position_m,time,factor,value``; hourly), never from the tracer's own model.
Its places are what can be reached.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from qingyuan.river.answer import Trace
from qingyuan.river.event import Event, Sample
from qingyuan.river.sample import Sampling
from qingyuan.river.tracing import trace

__all__ = ["Probe", "allowed_samples", "read_probe", "samples_until_sure"]

_SURE = 0.9


@dataclass(frozen=True)
class Probe:
    """What samples would read: (reach_id, position_m, factor) → times and values."""

    series: Mapping[tuple[str, float, str], tuple[tuple[datetime, ...], tuple[float, ...]]]

    @property
    def places(self) -> tuple[tuple[str, float], ...]:
        """The places that can be reached."""
        return tuple(sorted({(reach, position) for reach, position, _ in self.series}))

    def value(self, reach_id: str, position_m: float, time: datetime, factor: str) -> float | None:
        """Return what a sample would read, between two hours in proportion; None if nobody knows."""
        known = self.series.get((reach_id, position_m, factor))
        if known is None:
            return None
        seconds = [(t - known[0][0]).total_seconds() for t in known[0]]
        return float(np.interp((time - known[0][0]).total_seconds(), seconds, known[1]))


def read_probe(folder: Path | str) -> Probe | None:
    """Read ``probe.csv`` or ``probe.csv.gz`` of an event folder; None if it has none."""
    plain, packed = Path(folder) / "probe.csv", Path(folder) / "probe.csv.gz"
    if plain.is_file():
        text = plain.read_text("utf-8")
    elif packed.is_file():
        text = gzip.decompress(packed.read_bytes()).decode("utf-8")
    else:
        return None
    found: dict[tuple[str, float, str], tuple[list[datetime], list[float]]] = {}
    for row in csv.DictReader(text.splitlines()):
        key = (row["reach_id"], float(row["position_m"]), row["factor"])
        times, values = found.setdefault(key, ([], []))
        times.append(datetime.fromisoformat(row["time"]))
        values.append(float(row["value"]))
    return Probe({k: (tuple(t), tuple(v)) for k, (t, v) in found.items()})


def allowed_samples(answer: Trace) -> int:
    """Return log2 of the size of the 90 % set, and two, rounded up."""
    return int(np.ceil(np.log2(max(len(answer.set90), 1)))) + 2


def samples_until_sure(
    event: Event, probe: Probe, outfall: str, *, most: int | None = None, seed: int = 1
) -> int | None:
    """Take the proposed samples one by one until *outfall* has p ≥ 0.9.

    Parameters
    ----------
    event, probe : Event, Probe
        The alarm and what samples would read.
    outfall : str
        The culprit.
    most : int, optional
        Samples allowed; by default log2 of the first 90 % set, and two.
    seed : int
        Of the traces.

    Returns
    -------
    int or None
        Samples taken (0: sure before any), None if not sure within *most* or nothing to propose.
    """
    sampling = Sampling(places=probe.places)
    answer = trace(event, seed=seed, sampling=sampling)
    limit = allowed_samples(answer) if most is None else most
    for taken in range(limit + 1):
        if answer.probabilities.get(outfall, 0.0) >= _SURE:
            return taken
        wanted = answer.next_sample
        if taken == limit or wanted is None:
            return None
        value = probe.value(wanted.reach_id, wanted.position_m, wanted.time, wanted.factor)
        if value is None:
            return None
        sample = Sample(wanted.reach_id, wanted.position_m, wanted.time, wanted.factor, value)
        event = replace(event, samples=(*event.samples, sample))
        answer = trace(event, seed=seed, sampling=sampling)
    return None
