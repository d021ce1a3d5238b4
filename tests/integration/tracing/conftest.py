"""The four-node town with its alarm raised."""

from __future__ import annotations

import pytest

from bureau import Bureau
from qingyuan.web.signals.models import Signal


@pytest.fixture
def bureau(tmp_path, settings, monkeypatch, db) -> Bureau:
    town = Bureau(tmp_path / "city", settings=settings, monkeypatch=monkeypatch)
    town.passes(minutes=6)
    return town


@pytest.fixture
def signal(bureau) -> Signal:
    return Signal.objects.get(kind="exceedance", object_kind="section", factor="w21003")
