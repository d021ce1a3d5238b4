"""Draws (抽样): the unknowns of a release and of the river, drawn where the readings leave room.

What several sections saw of one release leaves little of the prior: of five hundred draws from it
none may fit, and evidence would be lost by tens of nats. So a *guide*, a normal fitted to the draws
that fit best so far, is drawn from instead, turn by turn, and what was learnt at one place (the
river's velocity, each stretch's own error) is carried to the next. Weights correct for all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri
from scipy.stats import qmc

__all__ = ["SHARED", "Draws", "Guide", "counting", "draws_of", "guided", "learn"]

Floats: TypeAlias = NDArray[np.float64]
SHARED = 7  # unknowns of the river and of the release; each stretch's own velocity comes after
_MOST_OWN = 12
_POWERS = 0.8 ** np.arange(24)
_LEAST_COUNTING, _ENOUGH = 50.0, 40.0
_WIDER, _KEPT, _LEAST_VARIANCE = 1.25, 0.85, 0.01
_FROM_PRIOR, _FROM_WIDE, _WIDE = 0.1, 0.2, 2.0


@dataclass(frozen=True)
class Draws:
    """The unknowns of a location as standard normals, one row per draw.

    Columns: river-wide velocity, dispersion, front, tail, dead zones' size and exchange, what they
    hold back for long, then each stretch's own velocity, nearest the source first. ``base`` are
    even points of the unit normal from which more are made; ``ln_weight`` is ln(prior/proposal).
    """

    normal: Floats
    ln_weight: Floats
    velocity_sd: float
    duration_h: tuple[float, float]
    base: tuple[Floats, ...]


class Weighed(Protocol):
    """What a fit must tell to learn from it."""

    @property
    def weight(self) -> Floats:
        """The share of each draw."""
        ...


Fitted = TypeVar("Fitted", bound=Weighed)


@dataclass(frozen=True)
class Guide:
    """Where the draws of one place count: a normal over its columns, which carry ``names``."""

    names: tuple[str, ...]
    centre: Floats
    cover: Floats

    def for_columns(self, names: Sequence[str]) -> Guide:
        """Return the guide for other columns: what both know is kept, the rest is the prior."""
        here = [k for k, name in enumerate(names) if name in self.names]
        there = [self.names.index(names[k]) for k in here]
        centre, cover = np.zeros(len(names)), np.eye(len(names))
        centre[here] = self.centre[there]
        cover[np.ix_(here, here)] = self.cover[np.ix_(there, there)]
        return Guide(tuple(names), centre, cover)


def draws_of(
    seed: int,
    *,
    count: int,
    velocity_sd: float,
    duration_h: tuple[float, float],
    width: int = SHARED + _MOST_OWN,
) -> Draws:
    """Draw the unknowns of all locations once, by scrambled Sobol sequences."""
    base = tuple(
        ndtri(np.clip(qmc.Sobol(width, scramble=True, rng=rng).random(count), 1e-6, 1 - 1e-6))
        for rng in (np.random.default_rng(seed), np.random.default_rng([seed, 1]))
    )
    return Draws(base[0], np.zeros(count), velocity_sd, duration_h, base)


def counting(fit: Weighed) -> float:
    """Return how many draws count: the effective number of the weights."""
    return float(1 / np.sum(fit.weight**2))


def guided(draws: Draws, guide: Guide, *, turn: int = 0) -> Draws:
    """Draw from *guide*, some from twice its width and some from the prior."""
    width = len(guide.names)
    normal = draws.base[turn % len(draws.base)][:, :width].copy()
    root = np.linalg.cholesky(guide.cover)
    first = int(_FROM_PRIOR * len(normal))
    second = first + int(_FROM_WIDE * len(normal))
    normal[first:second] = guide.centre + _WIDE * normal[first:second] @ root.T
    normal[second:] = guide.centre + normal[second:] @ root.T
    square = (np.linalg.solve(root, (normal - guide.centre).T) ** 2).sum(0)
    size = np.log(np.diag(root)).sum()
    ln_prior = -0.5 * (normal**2).sum(1)
    ln_parts = [
        np.log(_FROM_PRIOR) + ln_prior,
        np.log(_FROM_WIDE) - 0.5 * square / _WIDE**2 - size - width * np.log(_WIDE),
        np.log(1 - _FROM_PRIOR - _FROM_WIDE) - 0.5 * square - size,
    ]
    return replace(draws, normal=normal, ln_weight=ln_prior - logsumexp(ln_parts, axis=0))


def learn(
    fit: Callable[[Draws], Fitted],
    draws: Draws,
    names: Sequence[str],
    *,
    guide: Guide | None,
    turns: int,
    enough: float = _ENOUGH,
) -> tuple[Fitted, Guide]:
    """Fit with draws from *guide* (None: the prior), and learn from it until *enough* draws count.

    Parameters
    ----------
    fit : callable
        Weighs draws against the readings.
    draws : Draws
        Where the points come from, and how many.
    names : sequence of str
        Of the columns in use.
    guide : Guide, optional
        What is known from elsewhere.
    turns : int
        At most so many times more.
    enough : float
        Draws that must count.
    """
    if guide is None:
        drawn = replace(draws, normal=draws.base[0][:, : len(names)])
    else:
        drawn = guided(draws, guide.for_columns(names))
    found = fit(drawn)
    learnt = _guide_of(drawn, found, names)
    for turn in range(1, turns + 1):
        if counting(found) >= enough:
            break
        drawn = guided(draws, learnt, turn=turn)
        found = fit(drawn)
        learnt = _guide_of(drawn, found, names)
    return found, learnt


def _guide_of(draws: Draws, fit: Weighed, names: Sequence[str]) -> Guide:
    """Fit a normal to the weights, flattened until at least fifty draws count."""
    least = min(_LEAST_COUNTING * len(draws.normal) / 512, 0.5 * len(draws.normal))
    share = fit.weight
    for power in _POWERS:
        share = fit.weight**power
        share = share / share.sum()
        if 1 / np.sum(share**2) >= least:
            break
    centre = share @ draws.normal
    off = draws.normal - centre
    cover = (off * share[:, None]).T @ off
    # a few draws cannot tell so many relations: draw them towards none
    cover = _KEPT * cover + (1 - _KEPT) * np.diag(np.diag(cover))
    cover = _WIDER * cover + _LEAST_VARIANCE * np.eye(len(names))
    return Guide(tuple(names), centre, cover)
