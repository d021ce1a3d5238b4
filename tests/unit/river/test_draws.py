"""Draws learn where the readings leave room, and carry it from place to place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from qingyuan.river.draws import SHARED, Draws, Guide, counting, draws_of, guided, learn

_WIDTH = SHARED + 3
_NAMES = tuple(f"c{k}" for k in range(_WIDTH))
_AT, _SD = 1.8, 0.1


@dataclass(frozen=True)
class _Fit:
    weight: NDArray[np.float64]
    ln_evidence: float


def _narrow(drawn: Draws) -> _Fit:
    """Weigh draws by a likelihood that leaves a tenth of the prior in each column, far from it."""
    ln = -0.5 * (((drawn.normal - _AT) / _SD) ** 2).sum(1) + drawn.ln_weight
    total = float(np.logaddexp.reduce(ln))
    return _Fit(np.exp(ln - total), total - float(np.log(len(ln))))


def _truth() -> float:
    wide = 1 + _SD**2
    return _WIDTH * (np.log(_SD) - 0.5 * np.log(wide) - 0.5 * _AT**2 / wide)


def _draws() -> Draws:
    return draws_of(1, count=512, velocity_sd=0.14, duration_h=(0.4, 14.0))


def test_evidence_that_no_draw_of_the_prior_finds_is_found_by_learning() -> None:
    first, _ = learn(_narrow, _draws(), _NAMES, guide=None, turns=0)
    found, _ = learn(_narrow, _draws(), _NAMES, guide=None, turns=12)
    assert first.ln_evidence < _truth() - 10
    assert found.ln_evidence == pytest.approx(_truth(), abs=0.4)


def test_what_one_place_learnt_serves_the_next_at_once() -> None:
    _, guide = learn(_narrow, _draws(), _NAMES, guide=None, turns=12)
    found, _ = learn(_narrow, _draws(), _NAMES, guide=guide, turns=0)
    assert found.ln_evidence == pytest.approx(_truth(), abs=0.6)
    assert counting(found) > 20


def test_columns_a_guide_does_not_know_are_drawn_from_the_prior() -> None:
    guide = Guide(("a", "b"), np.array([1.0, 2.0]), np.diag([0.5, 0.25]))
    other = guide.for_columns(("b", "new"))
    assert other.centre.tolist() == [2.0, 0.0]
    assert other.cover.tolist() == [[0.25, 0.0], [0.0, 1.0]]


def test_weights_of_guided_draws_bring_the_prior_back() -> None:
    guide = Guide(_NAMES, np.full(_WIDTH, 0.2), 1.1 * np.eye(_WIDTH))
    drawn = guided(_draws(), guide)
    weight = np.exp(drawn.ln_weight)
    assert weight.mean() == pytest.approx(1.0, abs=0.08)
    assert weight @ drawn.normal[:, 0] / weight.sum() == pytest.approx(0.0, abs=0.1)
