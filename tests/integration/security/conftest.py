"""Both sides of the town; each request of a test is undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder

from .world import World, build_world


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """Both sides of the town; the city's clock stands half an hour after the last deed."""
    made = build_world()
    monkeypatch.setattr(CityClock, "now", lambda self: made.town.at + timedelta(minutes=30))
    return made


@pytest.fixture
def kept_files(tmp_path: Path, settings: Settings) -> Path:
    """A files folder of its own, so that what is left on disk can be counted."""
    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    return settings.FOLDER.files


@pytest.fixture
def _truncate_refused_again(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_no_truncate")


@pytest.fixture
def transactional_db(_truncate_refused_again: None, transactional_db: None) -> Iterator[None]:
    """As pytest-django's, but the flush at the end may empty the audit table.

    Only the owner can do this, and tests run as the owner; afterwards the trigger refuses again.
    """
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_truncate")
