from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.web.accounts.models import User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.registry.services import load_city
from qingyuan.web.signals.services import Finding
from small_city import AT, small_city


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def city(db: None) -> None:
    load_city(small_city(), by=SYSTEM, at=AT)


@pytest.fixture
def person(city: None) -> Callable[[str], User]:
    return lambda username: User.objects.get(username=username)


@pytest.fixture
def found() -> Callable[..., Finding]:
    def make(minutes: int = 0, **more: object) -> Finding:
        last = AT + timedelta(minutes=minutes)
        given = {
            "kind": "exceedance",
            "rule": "water.exceedance",
            "station": "section:S1",
            "factor": "w21003",
            "unit": "mg/L",
            "value": Decimal("1.34"),
            "value_text": "1.34",
            "limit": Decimal("1.0"),
            "limit_text": "≤1 mg/L",
            "multiple": Decimal("0.34"),
            "clause": "GB 3838-2002 表1",
            "finder": "monitoring",
            "first_at": last - timedelta(minutes=1),
            "last_at": last,
        }
        return Finding(**(given | more))

    return make
