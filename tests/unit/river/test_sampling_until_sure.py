"""Proposed samples are taken from a probe until the culprit is named, or the allowance is spent."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from qingyuan.river import Event, trace
from qingyuan.river.sampled import Probe, allowed_samples, read_probe, samples_until_sure
from qingyuan.river.worlds import NOW, line_of

_HOURS = tuple(NOW + timedelta(hours=h) for h in range(13))


def _event() -> Event:
    return line_of(4).alarm(at="d", released_from="b")


def _still(value: float) -> Probe:
    """Return a probe that reads the same everywhere."""
    return Probe({("r-c", 500.0, "w21003"): (_HOURS, (value,) * len(_HOURS))})


def test_a_culprit_already_sure_needs_no_sample() -> None:
    assert trace(_event()).probabilities["b"] > 0.5
    sure = samples_until_sure(_event(), _still(0.3), "b")
    assert sure == 0 or trace(_event()).probabilities["b"] < 0.9


def test_an_innocent_is_never_named_by_clean_water() -> None:
    assert samples_until_sure(_event(), _still(0.3), "a", most=1) is None


def test_a_probe_reads_between_its_hours_and_only_at_its_places() -> None:
    probe = Probe({("r", 5.0, "f"): (_HOURS[:2], (1.0, 3.0))})
    assert probe.value("r", 5.0, NOW + timedelta(minutes=30), "f") == 2.0
    assert probe.value("r", 6.0, NOW, "f") is None
    assert probe.places == (("r", 5.0),)


def test_a_probe_is_read_plain_or_packed(tmp_path: Path) -> None:
    assert read_probe(tmp_path) is None
    text = f"reach_id,position_m,time,factor,value\nr,5,{NOW.isoformat()},f,1.5\n"
    (tmp_path / "probe.csv.gz").write_bytes(gzip.compress(text.encode()))
    packed = read_probe(tmp_path)
    (tmp_path / "probe.csv").write_text(text, "utf-8")
    assert packed == read_probe(tmp_path)
    assert packed is not None
    assert packed.value("r", 5.0, NOW, "f") == 1.5


def test_the_allowance_is_the_logarithm_of_the_set_and_two() -> None:
    answer = trace(_event())
    assert allowed_samples(replace(answer, set90=("a",))) == 2
    assert allowed_samples(replace(answer, set90=tuple("abcde"))) == 5
