"""A small town on real PostgreSQL, and a case on its desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from case_town import Town, build_town
from joint_procedure import opens_joint
from qingyuan.web.cases.models import Case


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.open()


@pytest.fixture
def joint(town: Town, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Case]:
    """Return a function that opens cases of a procedure with several units."""
    return opens_joint(town, monkeypatch)
