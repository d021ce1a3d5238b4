from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from qingyuan.core.periods import Period
from qingyuan.core.problems import Problem
from qingyuan.readings.integrity import (
    KINDS,
    Doubt,
    ManualSample,
    Series,
    Site,
    inspect,
    rules_at,
    series_of,
    words_of,
)

BEGAN = datetime(2026, 6, 1, tzinfo=UTC)
RULES = rules_at(date(2026, 8, 1))
HOURS, WINDOW = 88 * 24, slice(60 * 24, 88 * 24)
HERE = slice(70 * 24, 76 * 24)  # where the tests change something


def _level(seed: int, mean: float = 20.0, memory: float = 0.9) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level, out = 0.0, np.empty(HOURS)
    for i in range(HOURS):
        level = memory * level + rng.normal(0, 0.08)
        out[i] = mean * np.exp(level)
    return out


def _series(
    values: np.ndarray, factor: str = "w01018", decimals: int = 2, flags: tuple[str, ...] = ()
) -> Series:
    said = np.round(values, decimals)
    texts = tuple("" if np.isnan(v) else f"{v:.{decimals}f}" for v in said)
    return Series(factor, int(BEGAN.timestamp()), 3600, said, texts, flags)


def _site(*series: Series, **more: object) -> Site:
    return Site("outfall:P1", {s.factor: s for s in series}, WINDOW, **more)


def _kinds(found: list[Doubt], factor: str = "w01018") -> set[str]:
    return {d.kind for d in found if d.factor == factor}


def _doubt(found: list[Doubt], kind: str) -> Doubt:
    return next(d for d in found if d.kind == kind)


@pytest.mark.parametrize("seed", range(4))
def test_an_honest_series_asks_for_nothing(seed: int) -> None:
    assert inspect(_site(_series(_level(seed))), rules=RULES) == []


def test_a_frozen_value_is_found_with_its_hours_and_rows() -> None:
    values = _level(1)
    values[HERE] = values[HERE.start]
    found = _doubt(inspect(_site(_series(values)), rules=RULES), "stuck")
    assert found.statistic == HERE.stop - HERE.start
    assert found.period == Period(
        BEGAN + timedelta(hours=HERE.start), BEGAN + timedelta(hours=HERE.stop)
    )
    assert len(found.rows) == 60  # of 144
    assert found.count == 144
    assert {text for _, text in found.rows} == {f"{values[HERE.start]:.2f}"}


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(lambda v: np.full(HOURS, 7.0), id="一直不变的过程"),
        pytest.param(lambda v: np.maximum(v, 20.0), id="一半时间低于检出限"),
        pytest.param(lambda v: np.round(v / 10) * 10, id="分辨力很低的仪器"),
        pytest.param(lambda v: np.where(np.arange(HOURS) % 2, np.roll(v, 1), v), id="两小时一测"),
        pytest.param(lambda v: v * np.where(np.arange(HOURS) > 72 * 24, 0.1, 1), id="产量大减"),
    ],
)
def test_honest_oddities_are_no_stuck_or_calm_series(
    quiet: Callable[[np.ndarray], np.ndarray],
) -> None:
    found = inspect(_site(_series(quiet(_level(2)))), rules=RULES)
    assert not _kinds(found) & {"stuck", "calm", "noise", "copy", "digits"}


def test_a_value_with_a_trace_of_jitter_is_too_calm() -> None:
    values = _level(3)
    rng = np.random.default_rng(3)
    values[HERE] = 21 * (1 + 0.003 * rng.standard_normal(HERE.stop - HERE.start))
    found = _doubt(inspect(_site(_series(values)), rules=RULES), "calm")
    assert found.statistic < 0.3


def test_random_numbers_do_not_remember_each_other() -> None:
    values = _level(4, memory=0.95)
    rng = np.random.default_rng(4)
    values[HERE] = np.mean(values[HERE]) * (1 + 0.2 * rng.standard_normal(144))
    found = _doubt(inspect(_site(_series(values)), rules=RULES), "noise")
    assert 1 < found.statistic < 3  # two for white noise


def test_readings_piled_up_under_the_limit() -> None:
    values = _level(5, mean=48)
    held = np.minimum(values, 49 - 0.2 * np.random.default_rng(5).random(HOURS))
    found = _doubt(inspect(_site(_series(held), limits={"w01018": 50.0}), rules=RULES), "clipped")
    assert found.picture["level"] == 50
    over = inspect(_site(_series(values), limits={"w01018": 50.0}), rules=RULES)
    assert "clipped" not in _kinds(over)  # the same plant, told as it is
    assert "clipped" not in _kinds(inspect(_site(_series(held)), rules=RULES))  # no limit known


@pytest.mark.parametrize("scale", [1.0, 1.25])
def test_a_day_told_again_names_the_day_it_follows(scale: float) -> None:
    values = _level(6)
    source = slice(HERE.start - 9 * 24, HERE.start - 8 * 24)
    values[HERE.start : HERE.start + 24] = values[source] * scale
    found = _doubt(inspect(_site(_series(values)), rules=RULES), "copy")
    assert found.values["source"] == (BEGAN + timedelta(hours=source.start)).isoformat()
    assert float(found.values["scale"]) == pytest.approx(scale, abs=0.01)


def test_smooth_curves_are_alike_by_nature() -> None:
    hours = np.arange(HOURS)
    values = (
        20
        + 5 * np.sin(2 * np.pi * hours / 24)
        + np.random.default_rng(7).normal(0, 0.2, HOURS).cumsum() * 0.1
    )
    assert "copy" not in _kinds(inspect(_site(_series(values)), rules=RULES))  # fmt: skip


def test_favourite_last_digits_are_seen_only_where_the_digit_is_free() -> None:
    values = _level(8)
    invented = values.copy()
    invented[WINDOW] = np.floor(values[WINDOW] * 10) / 10 + 0.05
    assert "digits" in _kinds(inspect(_site(_series(invented)), rules=RULES))
    always = np.floor(values * 10) / 10 + 0.05  # an instrument that has always done so
    assert "digits" not in _kinds(inspect(_site(_series(always)), rules=RULES))


def test_ammonia_above_total_nitrogen() -> None:
    total = _level(9, mean=10)
    ammonia = total * 0.4
    ammonia[HERE] = total[HERE] * 1.6
    site = _site(_series(ammonia, "w21003", 3), _series(total, "w21001"))
    found = _doubt(inspect(site, rules=RULES), "relation")
    assert (found.factor, found.others) == ("w21003", ("w21001",))
    assert "总氮包含氨氮" in found.clause
    assert "设计值" in found.clause  # its mark goes with it


def test_a_load_is_flow_times_strength() -> None:
    flow, strength = _level(10, mean=12), _level(11)
    volume = flow * 3.6
    load = strength * volume / 1000
    load[HERE] *= 0.5
    site = Site(
        "outfall:P1",
        {
            "w00000": _series(flow, "w00000"),
            "w00000.Cou": _series(volume, "w00000.Cou", 3),
            "w01018": _series(strength),
            "w01018.Cou": _series(load, "w01018.Cou", 5),
        },
        WINDOW,
    )
    told = inspect(site, rules=RULES)
    assert [(d.kind, d.factor) for d in told] == [("relation", "w01018")]


def test_two_factors_that_part() -> None:
    a = _level(12)
    b = a * 0.3 * np.exp(np.random.default_rng(12).normal(0, 0.03, HOURS))
    b[HERE] = _level(13, mean=6)[HERE]
    site = _site(_series(a), _series(b, "w01019"))
    assert _doubt(inspect(site, rules=RULES), "parted").statistic < 0.3


def test_one_factor_scaled_while_the_others_stay() -> None:
    common = _level(14, mean=1)
    rng = np.random.default_rng(14)
    made = {
        code: common * mean * np.exp(rng.normal(0, 0.03, HOURS))
        for code, mean in (("w01018", 30), ("w21003", 2), ("w21011", 0.3), ("w21001", 9))
    }
    all_fall = {
        code: v * np.where(np.arange(HOURS) > HERE.start, 0.6, 1) for code, v in made.items()
    }
    site = _site(*(_series(v, code, 3) for code, v in all_fall.items()))
    assert not [d for d in inspect(site, rules=RULES) if d.kind == "scaled"]
    made["w01018"] = all_fall["w01018"]
    found = inspect(_site(*(_series(v, code, 3) for code, v in made.items())), rules=RULES)
    told = [d for d in found if d.kind == "scaled"]
    assert [d.factor for d in told] == ["w01018"]
    assert told[0].statistic == pytest.approx(0.6, abs=0.05)  # fmt: skip


def test_a_level_that_calibration_puts_right() -> None:
    values = _level(15)
    at = 75 * 24
    drift = np.zeros(HOURS)
    drift[at - 20 * 24 : at] = np.linspace(0, 1.6, 20 * 24)
    flags = tuple("C" if at <= i < at + 2 else "N" for i in range(HOURS))
    values = values * (1 + drift)
    values[at : at + 2] = np.nan
    found = _doubt(inspect(_site(_series(values, flags=flags)), rules=RULES), "jump")
    assert found.statistic < -0.5
    assert "HJ 212-2017" in found.clause


def test_water_during_a_declared_stop() -> None:
    flow = _series(_level(16, mean=10), "w00000")
    stop = Period(BEGAN + timedelta(hours=HERE.start), BEGAN + timedelta(hours=HERE.stop))
    found = _doubt(inspect(_site(flow, stops=[stop]), rules=RULES), "stopped")
    assert found.count == 140  # an hour or two at either end is left to run down
    values = _level(16, mean=10)
    values[HERE] = 0.0
    assert inspect(_site(_series(values, "w00000"), stops=[stop]), rules=RULES) == []


def test_the_laboratory_finds_twice_as_much() -> None:
    values = _level(17, mean=80)
    times = [HERE.start + 20 * k for k in range(4)]
    site = _site(
        _series(values),
        manual=[
            ManualSample(BEGAN + timedelta(hours=t), "w01018", float(2 * values[t])) for t in times
        ],
    )
    found = _doubt(inspect(site, rules=RULES), "manual")
    assert float(found.values["ratio"]) == pytest.approx(0.5, abs=0.05)
    assert "未核对" in found.clause
    agreeing = [
        ManualSample(BEGAN + timedelta(hours=t), "w01018", float(1.05 * values[t])) for t in times
    ]
    assert inspect(_site(_series(values), manual=agreeing), rules=RULES) == []


def test_without_a_past_nothing_is_said() -> None:
    values = _level(18)
    values[: WINDOW.start - 100] = np.nan
    values[HERE] = 20.0
    assert inspect(_site(_series(values)), rules=RULES) == []


def test_flagged_and_missing_readings_take_no_part() -> None:
    rows = [(BEGAN + timedelta(hours=h), text, flag) for h, text, flag in [
        (0, "1.0", "N"), (1, "99", "C"), (2, "--", "N"), (3, "2.0", ""), (3, "2.5", ""), (9, "1", "")
    ]]  # fmt: skip
    made = series_of(rows, factor="w21003", period=Period(BEGAN, BEGAN + timedelta(hours=5)))
    assert np.array_equal(made.values, [1.0, np.nan, np.nan, 2.5, np.nan], equal_nan=True)
    assert made.texts == ("1.0", "", "", "2.5", "")
    assert made.flags == ("N", "C", "N", "", "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_to_check_and_accuses_nobody(kind: str) -> None:
    class Any(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return "1"

    for english, must, never in (
        (False, "需核查", ("造假", "作假", "篡改", "伪造", "违法", "嫌疑")),
        (True, "To be checked", ("fraud", "fake", "forg", "falsif", "illegal", "cheat", "suspect")),
    ):
        words = words_of(kind, Any(), english=english)
        whole = " ".join([words.title, words.sentence, words.look, *words.innocent]).lower()
        assert must in words.sentence
        assert len(words.innocent) >= 2
        assert not [word for word in never if word in whole]
    assert kind in RULES.checks


def test_rules_are_dated() -> None:
    assert rules_at(date(2026, 8, 1)).id == "integrity-2026"
    with pytest.raises(Problem) as told:
        rules_at(date(1999, 1, 1))
    assert told.value.code == "readings.no_integrity_rules"
