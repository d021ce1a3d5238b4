"""A bureau of four nodes: real packets, gateway, store and worker; people act on pages."""

from __future__ import annotations

import pytest

from bureau import Bureau


@pytest.fixture
def bureau(db: None, tmp_path, settings, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """The four-node town at 08:30, its river still within its class."""
    return Bureau(tmp_path / "data", settings=settings, monkeypatch=monkeypatch)
