"""One effluent or two behind the readings; the figures are made from known effluents."""

from __future__ import annotations

import numpy as np

from qingyuan.river.mixture import Rows, ln_rows_of_one, ln_rows_of_two

_A = np.log(np.array([[10.0, 100.0, 1.0, 0.5]]))
_B = np.log(np.array([[40.0, 60.0, 6.0, 0.05]]))
_SD = np.full((1, 4), 0.4)


def _rows(shares: list[tuple[float, float]]) -> Rows:
    rise = np.array([u * np.exp(_A[0]) + v * np.exp(_B[0]) for u, v in shares])
    return Rows(rise, 1 / (0.11 * rise) ** 2, 0.0, 0.0)


def _gain(rows: Rows) -> float:
    """Return what two effluents explain better than the better of them alone."""
    both = ln_rows_of_two(rows, (_A, _B), (_SD, _SD))[0]
    return float(both - max(ln_rows_of_one(rows, m, _SD)[0] for m in (_A, _B)))


def test_changing_proportions_speak_for_two() -> None:
    assert _gain(_rows([(1.0, 0.0), (0.6, 0.4), (0.2, 1.0), (0.0, 0.8)])) > 10


def test_steady_proportions_do_not() -> None:
    assert _gain(_rows([(1.0, 0.0), (0.6, 0.0), (0.2, 0.0), (0.4, 0.0)])) < 0


def test_the_order_of_the_two_does_not_matter() -> None:
    rows = _rows([(1.0, 0.1), (0.5, 0.5), (0.1, 1.0)])
    forth = ln_rows_of_two(rows, (_A, _B), (_SD, _SD))[0]
    back = ln_rows_of_two(rows, (_B, _A), (_SD, _SD))[0]
    assert abs(forth - back) < 0.5


def test_a_factor_that_was_not_read_says_nothing() -> None:
    rows = _rows([(1.0, 0.0), (0.5, 0.0)])
    weight = rows.weight.copy()
    weight[:, 3] = 0.0
    silent = Rows(np.where(weight > 0, rows.rise, 0.0), weight, 0.0, 0.0)
    other = _A.copy()
    other[0, 3] += 3.0
    told = ln_rows_of_one(silent, _A, _SD)[0] - ln_rows_of_one(silent, other, _SD)[0]
    assert abs(told) < 1e-9
