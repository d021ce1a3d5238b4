from __future__ import annotations

from datetime import datetime

import pytest

from qingyuan import cities
from small_city import AT
from small_city import small_city as made


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def small_city() -> cities.City:
    return made()
