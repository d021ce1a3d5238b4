from __future__ import annotations

from importlib.resources import files

import pytest


@pytest.fixture(scope="session")
def exceedance_text() -> str:
    """Return the text of the shipped procedure, to be broken on purpose."""
    return (files("qingyuan.casework") / "procedures" / "exceedance.toml").read_text("utf-8")
