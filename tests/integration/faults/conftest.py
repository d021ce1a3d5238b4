"""A running city for the tests of this folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from living_city import LivingCity, bare_environment


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingCity]:
    """A four-node demo city, started once for the tests of this folder."""
    if sys.platform != "linux":
        pytest.skip("processes are found through /proc")
    living = LivingCity(bare_environment(tmp_path_factory.mktemp("living") / "demo"))
    living.start()
    try:
        yield living
    finally:
        if living.process is not None:
            living.stop()
