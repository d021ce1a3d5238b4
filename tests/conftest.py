"""What every test may use: the shared data folder, and problems by their code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from qingyuan.core.problems import Problem, Problems

_ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of shared real data, or skip: the project passes without it."""
    path = Path(os.environ.get("QINGYUAN_SHARED", _ROOT.parent / "shared")) / "data"
    if not path.is_dir():
        pytest.skip("no shared data folder beside the repository (QINGYUAN_SHARED)")
    return path


@contextmanager
def _raises_problem(code: str) -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        assert problem.code == code, f"expected {code}, got {problem}"  # noqa: PT017 -- this is the helper pytest.raises would replace
    except Problems as problems:
        assert code in [p.code for p in problems.problems], f"got {problems}"  # noqa: PT017 -- as above
    else:
        pytest.fail(f"no problem raised; expected {code}")


@pytest.fixture
def raises_problem() -> Callable[[str], AbstractContextManager[None]]:
    """Expect a `Problem` (or one among `Problems`) with this code."""
    return _raises_problem


@pytest.fixture
def _truncate_refused_again(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_no_truncate")


@pytest.fixture
def transactional_db(_truncate_refused_again: None, transactional_db: None) -> Iterator[None]:
    """As pytest-django's, but the flush at the end may empty the audit table.

    Only the owner can do this, and tests run as the owner; afterwards the trigger refuses again.
    """
    from django.db import connection

    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_truncate")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what drives a browser last: Playwright keeps an event loop running in this thread."""
    items.sort(key=lambda item: "tests/browser/" in item.path.as_posix())
