"""A small town on real PostgreSQL, and a case on its desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from case_town import Town, build_town
from joint_procedure import JOINT
from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.cases.models import Case, ProcedureVersion

opening = import_module("qingyuan.web.cases.services.open")


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.open()


@pytest.fixture
def joint(town: Town, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Case]:
    """Return a function that opens cases of a procedure with several units."""
    rules = casework.load(JOINT, source="joint.toml")
    assert casework.check(rules) == []
    version = ProcedureVersion.objects.create(
        name=rules.name, version=rules.version, digest=rules.digest, text=JOINT, recorded_at=town.at
    )
    kept = opening.version_of
    monkeypatch.setattr(
        opening, "version_of", lambda name, at: version if name == "joint" else kept(name, at=at)
    )

    def open_joint(**more: Any) -> Case:
        form = {"received_on": city_date(town.at) - timedelta(days=3)}
        return town.open(**{"procedure": "joint", "form": form, "enterprise_id": None} | more)

    return open_joint
