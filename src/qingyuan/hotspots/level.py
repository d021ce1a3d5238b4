"""Level (定标): what a whole fleet has in common, which only fixed stations can tell.

Vehicles meet each other all day, so that what sets one apart from another is known to half a
percent. Scale, offset and drift of all of them together are told by the stations alone, from some
twenty hours of nearly even air in which scale and offset look much alike: the three are fitted at
once, with what is believed of a fleet before a fix is read, and the error they have is told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.hotspots.roads import Floats

__all__ = ["Anchor", "Common", "anchor_of", "common_of"]

_STATION_SD, _BELIEVED_HOURS = (
    1.5,
    4.0,
)  # µg/m³, an hour's mean against the fleet; worth this many hours
_DRIVEN = 5  # of the six parts of an hour
_TURNS = 8
_TAILS = 3.0  # of Student's distribution of a fleet's offset
_ALLOWED_OFFSET = 20.0  # µg/m³, DB11/T 1926-2021


@dataclass(frozen=True)
class Anchor:
    """The stations' hours: ``when`` is their middle in seconds, ``weight`` 1 where all were heard."""

    when: Floats
    mean: Floats
    weight: Floats

    def during(self, t: Floats) -> Anchor:
        """Return the hours in which vehicles drove nearly all of the time.

        An hour nobody drove says nothing: the curve there is what the stations made it.
        """
        parts = np.unique(t // 600.0) * 600.0 + 300.0
        count = np.searchsorted(parts, self.when + 1800) - np.searchsorted(parts, self.when - 1800)
        told = count >= _DRIVEN
        return Anchor(self.when[told], self.mean[told], self.weight[told])


def anchor_of(station: tuple[str, ...], hour_ending: Floats, value: Floats) -> Anchor | None:
    """Return the mean over stations, each less its own habit, by hour; None without values.

    A station that stands in dirtier air does not lift the hours in which it alone was heard, and
    one that reads far from the others in an hour counts little there (Huber's weights).
    """
    good = np.isfinite(value)
    if not good.any():
        return None
    value = value[good]
    names, who = np.unique(np.asarray(station)[good], return_inverse=True)
    hours, at = np.unique(hour_ending[good], return_inverse=True)
    habit, w = np.zeros(len(names)), np.ones(len(value))
    for _ in range(_TURNS):
        mean = np.bincount(at, w * (value - habit[who])) / np.bincount(at, w)
        miss = value - habit[who] - mean[at]
        habit = habit + np.bincount(who, w * miss) / np.bincount(who, w)
        habit = habit - habit.mean()
        cut = 1.345 * max(1.4826 * float(np.median(np.abs(miss))), 0.5)
        w = np.minimum(1.0, cut / np.maximum(np.abs(miss), 1e-9))
    heard = np.bincount(at, w)
    return Anchor((hours - 0.5) * 3600.0, np.asarray(mean), np.minimum(heard / len(names), 1.0))


@dataclass(frozen=True)
class Common:
    """Station = scale · own + shift / swelling + bend · own · days; ``cov`` of the three.

    ``lost`` is what the fit leaves of data and beliefs, in the unit of ``variance``: that of an
    hour of the stations' mean, (µg/m³)².
    """

    scale: float
    shift: float
    bend: float
    cov: Floats
    variance: float
    lost: float

    @property
    def scale_se(self) -> float:
        """Relative error of the scale, and so of every gain alike."""
        return float(np.sqrt(self.cov[0, 0])) / self.scale

    def offset_se(self, offset: float) -> float:
        """Error, in the scale of the stations, of an *offset* told in that of the curve."""
        row = np.array([offset, -1.0, 0.0])
        return float(np.sqrt(row @ self.cov @ row))


def common_of(
    own: Floats, dry: Floats, hours: Anchor,
    *, offset: tuple[float, float], drift: tuple[float, float], variance: float | None = None,
) -> Common:  # fmt: skip
    """Fit the fleet's scale, offset and drift to the stations' *hours*.

    Parameters
    ----------
    own, dry : array
        By hour: the curve the fleet sees and 1, both divided by what water adds.
    offset, drift : float, float
        The fleet's middle one now, in the scale of the curve, and how far from nought the true one
        is believed to be. Sensors drift apart rather than together. They come from the works
        without offset on average, and few batches, or roads dustier than the stations, lie far from
        that: Student's distribution lets go of what the hours plainly contradict.
    variance : float, optional
        Of an hour; told from what the fit leaves if not given.
    """
    days = hours.when / 86400.0
    root = np.sqrt(hours.weight)
    a = np.stack([own, dry, own * days], axis=1) * root[:, None]
    b = hours.mean * root
    row = np.array([offset[0], -1.0, 0.0])  # the true middle offset is this times the three
    belief = np.stack([row / _ALLOWED_OFFSET, np.array([drift[0], 0.0, -1.0]) / drift[1]])
    free = max(float(hours.weight.sum()) - 2.0, 0.0) + _BELIEVED_HOURS
    error = _STATION_SD**2 if variance is None else variance
    for _ in range(_TURNS if variance is None else 1):
        cov = np.linalg.inv(a.T @ a / error + belief.T @ belief)
        theta = cov @ (a.T @ b) / error
        lost = float(((b - a @ theta) ** 2).sum()) / error + float(((belief @ theta) ** 2).sum())
        toward = cov @ row
        power = float(row @ toward)
        middle, left, odds = _believed(float(row @ theta), power, offset[1])
        theta = theta + toward * (middle - float(row @ theta)) / power
        cov = cov - np.outer(toward, toward) / power * (1 - left / power)
        rest = float(((b - a @ theta) ** 2).sum())
        used, error = error, (rest + _BELIEVED_HOURS * _STATION_SD**2) / free
    scale = float(np.clip(theta[0], 0.5, 2.0))
    return Common(scale, float(theta[1]), float(theta[2]), cov, used, lost - 2 * odds)


def _believed(seen: float, variance: float, width: float) -> tuple[float, float, float]:
    """Return mean and variance of an offset seen with *variance* and believed nought, and log odds."""
    step = np.linspace(-6.0, 6.0, 241)
    at = np.concatenate([seen + np.sqrt(variance) * step, width * step])
    at.sort()
    gap = np.gradient(at)
    logs = -0.5 * (at - seen) ** 2 / variance - 0.5 * np.log(variance)
    logs = logs - 0.5 * (_TAILS + 1) * np.log1p((at / width) ** 2 / _TAILS)
    top = float(logs.max())
    w = np.exp(logs - top) * gap
    whole = float(w.sum())
    mean = float(w @ at) / whole
    return mean, float(w @ (at - mean) ** 2) / whole, top + float(np.log(whole))
