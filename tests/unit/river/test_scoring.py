from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qingyuan.river import Trace
from qingyuan.river.bench import Truth, score, summarise


def _answer(**probabilities: float) -> Trace:
    none, several = probabilities.pop("none", 0.0), probabilities.pop("several", 0.0)
    every = {**probabilities, "none": none, "several": several}
    order = sorted(every, key=lambda k: -every[k])
    return Trace(
        section="d",
        factor="w21003",
        none=none,
        none_kind={"sensor": none},
        several=several,
        several_pairs=(),
        candidates=(),
        rest=0.0,
        set50=tuple(order[:1]),
        set90=tuple(order[:2]),
        next_sample=None,
        caveats=(),
        probabilities=every,
        suspects=len(probabilities),
        seconds=1.0,
    )


def test_rank_sets_and_log_score_of_one_culprit() -> None:
    found = score(_answer(a=0.6, b=0.3, c=0.1), Truth(("b",), "discharge"))
    assert (found.kind, found.rank, found.in50, found.in90) == ("one", 2, False, True)
    assert found.ln_score == pytest.approx(np.log(0.3))
    assert found.ln_guess == pytest.approx(-np.log(3))
    assert not found.false_name


def test_a_wrong_outfall_at_four_fifths_is_a_false_name() -> None:
    assert score(_answer(a=0.85, b=0.15), Truth(("b",), "discharge")).false_name
    assert score(_answer(a=0.85, none=0.15), Truth((), "sensor_spike")).false_name
    assert not score(_answer(a=0.85, b=0.15), Truth(("a",), "discharge")).false_name


def test_none_and_several_are_recognised_from_one_half() -> None:
    assert score(_answer(a=0.4, none=0.6), Truth((), "rain_washoff")).recognised
    assert not score(_answer(a=0.6, none=0.4), Truth((), "rain_washoff")).recognised
    pair = score(_answer(a=0.3, b=0.1, c=0.1, several=0.5), Truth(("a", "c"), "discharge"))
    assert pair.recognised
    assert pair.rank == 3  # b and c tie; the one asked for takes the worse place


def test_an_outfall_never_considered_scores_the_least() -> None:
    found = score(_answer(a=1.0), Truth(("z",), "discharge"))
    assert found.rank == 2
    assert found.ln_score == pytest.approx(np.log(1e-6))


def test_summary_by_kind() -> None:
    rows = [
        score(_answer(a=0.6, b=0.4), Truth(("a",), "discharge")),
        score(_answer(a=0.6, b=0.4), Truth(("b",), "discharge")),
        score(_answer(a=0.4, none=0.6), Truth((), "boundary_inflow")),
    ]
    rows[0] = replace(rows[0], start_error_h=1.0, mass_ratio=1.2)
    rows[1] = replace(rows[1], start_error_h=3.0, mass_ratio=2.0)
    figures = summarise(rows)
    assert figures["one"]["top1"] == 0.5
    assert figures["one"]["start_error_h"] == 2.0
    assert figures["one"]["mass_in_1.5"] == 0.5
    assert figures["none"]["recognised"] == 1.0
    assert figures["all"]["events"] == 3
