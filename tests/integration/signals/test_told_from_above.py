"""What other rooms know of a station reaches its inspection: declared stops, laboratory results."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from qingyuan.core.periods import Period
from qingyuan.web.monitoring.models import DataMark
from qingyuan.web.outfalls.models import OutfallSample
from qingyuan.web.registry.models import Outfall
from qingyuan.web.signals.services import integrity


@pytest.fixture
def period(at) -> Period:
    return Period(at - timedelta(days=28), at)


def told(sources, station, period):
    return [one for source in sources for one in source(station, period)]


def test_a_declared_stop_is_known_cut_to_the_period(person, at, period):
    def mark(kind: str, days: float, **more: object) -> DataMark:
        return DataMark.objects.create(
            station="outfall:O1", kind=kind, from_at=at - timedelta(days=days), reason="检修",
            party="enterprise", declared_by=person("ent1"), declared_at=at, **more,
        )  # fmt: skip

    mark("stop", 40, to_at=at - timedelta(days=20))
    mark("stop", 1)  # not ended yet
    mark("maintenance", 5)
    stops = told(integrity._stops, "outfall:O1", period)
    assert stops == [
        Period(period.start, at - timedelta(days=20)),
        Period(at - timedelta(days=1), at),
    ]
    assert told(integrity._stops, "section:S1", period) == []


def test_laboratory_results_are_known_but_not_withdrawn_ones_nor_less_than(person, at, period):
    def sample(days: float, text: str, **more: object) -> None:
        OutfallSample.objects.create(
            outfall=Outfall.objects.get(code="O1"), taken_at=at - timedelta(days=days), factor="w21003",
            text=text, value=Decimal(text.strip("<L")), made_at=at, **more,
        )  # fmt: skip

    sample(2, "1.25")
    sample(3, "0.025L", below=True)
    sample(40, "3.0")
    sample(4, "9.9", withdrawn_at=at, withdrawn_by=person("duty"), withdrawn_reason="样品混淆")
    (one,) = told(integrity._samples, "outfall:O1", period)
    assert (one.factor, one.value, one.unit, one.at) == (
        "w21003", 1.25, "mg/L", at - timedelta(days=2),
    )  # fmt: skip
    assert told(integrity._samples, "section:S1", period) == []
