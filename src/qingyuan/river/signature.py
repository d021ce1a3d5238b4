"""The signature (污染指纹): in which proportions the factors rose at the alarmed section.

The rises of all factors at one section are one release seen through one window: rise(t, f) =
x(t) · d(f). Direction d and its error come from the alarmed section; every reading of the network
is then projected on d (matched filter), one number per section and time with known noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.background import Projection, Record
from qingyuan.river.timing import Sighting

__all__ = ["Signature", "project", "sighting_of", "signature_of"]

Floats: TypeAlias = NDArray[np.float64]
_BEFORE_H = 8.0
_SEEN_SD = 3.0


@dataclass(frozen=True)
class Signature:
    """Rise of each factor at the peak of the alarmed section, its error, and when it was seen."""

    rise: Floats
    rise_sd: Floats
    seen_hours: Floats
    sighting: Sighting

    @property
    def first_hours(self) -> float:
        """When the rise was first seen, in hours from now."""
        return self.sighting.first


def signature_of(
    record: Record, *, factor: int | None, first_exceeded_h: float, reading_rel_sd: float
) -> Signature | None:
    """Estimate the signature at the alarmed section; None if nothing rises above its background.

    Parameters
    ----------
    record : Record
        Of the alarmed section.
    factor : int or None
        Column of the alarmed factor, which leads the search for the readings that rose; None when
        the alarmed factor does not mix as mass.
    first_exceeded_h : float
        Hours from now.
    reading_rel_sd : float
        Relative noise of one reading.
    """
    window = record.hours >= first_exceeded_h - _BEFORE_H
    rise, base_sd = record.rise, record.base_sd
    # a shift that all readings of a spell share (wander, rain) does not average out
    shift = record.common_sd[:, None] * record.base
    score = rise / np.hypot(base_sd, shift)
    lead = score if factor is None else score[:, factor : factor + 1]
    strength = np.nan_to_num(lead, nan=-np.inf).max(axis=1)
    seen = window & (strength > _SEEN_SD)
    if not seen.any():
        seen = window & (strength > 1.0) & (record.hours >= first_exceeded_h)
    if not seen.any():
        return None
    peak = float(strength[seen].max())
    seen &= strength > 0.1 * peak
    z, s0 = rise[seen], base_sd[seen]
    sd = np.sqrt(s0**2 + (reading_rel_sd * np.maximum(z, 0)) ** 2)
    known = ~np.isnan(z)
    weight = np.where(known, 1 / np.nan_to_num(sd, nan=1.0) ** 2, 0.0)
    z = np.where(known, z, 0.0)
    shape = np.maximum(strength[seen], 0) / peak
    direction = np.zeros(z.shape[1])
    for _ in range(20):
        direction = (shape[:, None] * z * weight).sum(0) / np.maximum(
            (shape[:, None] ** 2 * weight).sum(0), 1e-300
        )
        pull = (direction * z * weight).sum(1) / np.maximum((direction**2 * weight).sum(1), 1e-300)
        shape = np.maximum(pull, 1e-3 * max(float(pull.max()), 1e-12))
        shape = shape / shape.max()
    information = (shape[:, None] ** 2 * weight).sum(0)
    measured = information > 0
    error = np.where(measured, 1 / np.sqrt(np.where(measured, information, 1.0)), np.nan)
    moved = np.nan_to_num(shift[seen]) * (shape[:, None] * weight)
    error = np.sqrt(
        error**2
        + (0.05 * direction) ** 2
        + (moved.sum(0) / np.where(measured, information, 1.0)) ** 2
    )
    hours = record.hours[seen]
    return Signature(
        np.where(measured, direction, np.nan), error, hours, sighting_of(record.hours, hours)
    )


def sighting_of(hours: Floats, seen: Floats) -> Sighting:
    """Return where front and tail lie among the readings at *hours*, of which *seen* rose."""
    earlier, later = hours[hours < seen[0]], hours[hours > seen[-1]]
    return Sighting(
        before=float(earlier[-1]) if earlier.size else float(seen[0]) - 24.0,
        first=float(seen[0]),
        last=float(seen[-1]),
        after=float(later[0]) if later.size else None,
    )


def project(record: Record, signature: Signature, *, since_h: float) -> Projection:
    """Project the readings of *record* since *since_h* on the signature; silent rows are left out."""
    late = record.hours >= since_h
    rise, sd = record.rise[late], record.base_sd[late]
    d = signature.rise
    usable = ~np.isnan(rise) & ~np.isnan(d) & (d > 0)
    weight = np.where(usable, 1 / np.where(usable, sd, 1.0) ** 2, 0.0)
    direction = np.where(np.isnan(d) | (d <= 0), 0.0, d)
    information = (direction**2 * weight).sum(1)
    # a row that misses the factors which carry the signature says nothing
    heard = information > 1e-12
    total = np.where(heard, information, 1.0)
    value = (direction * np.where(usable, rise, 0.0) * weight).sum(1) / total
    # a shift shared by all factors does not average out over them
    base = np.where(usable, record.base[late], 0.0)
    shared = record.common_sd[late] * (direction * base * weight).sum(1) / total
    sd_all = np.sqrt(1 / total + shared**2)
    return Projection(record, record.hours[late][heard], value[heard], sd_all[heard])
