"""Random people do random deeds on a case of every shipped procedure; what must hold, holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qingyuan.casework import shipped
from qingyuan.host.folder import DataFolder
from walking_bureau import Bureau

pytestmark = pytest.mark.django_db
SEEDS = range(int(os.environ.get("QINGYUAN_WALKS", "1")))  # a night's run asks for more
STEPS = 60


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_people_do_the_whole_stands(seed: int, settings, tmp_path: Path) -> None:
    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    bureau = Bureau(seed)
    opened = bureau.open_all()
    assert {name: case.procedure.name for name, case in opened.items()} == {n: n for n in shipped()}
    bureau.holds(whole=True)
    for n in range(STEPS):
        bureau.step()
        bureau.holds(whole=n % 20 == 0 or bureau.done[-1].startswith(("calendar", "cards")))
    bureau.holds(whole=True)
    bureau.holds_at_the_end()
    assert sum(": " not in said for said in bureau.done) > STEPS // 3
