"""A small town on real PostgreSQL, and a case on its desk."""

from __future__ import annotations

import pytest

from case_town import Town, build_town
from qingyuan.web.cases.models import Case


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.open()
