"""``qingyuan city load``: a bureau's own folder into a fresh platform, all of it or nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import psycopg
import pytest

from qingyuan.cities import shipped_city
from qingyuan.host.folder import DataFolder
from qingyuan.host.ports import free_port
from qingyuan.host.postgres import Postgres

_LOADED = (
    "select count(*) from audit_entry where deed = 'registry.load_city' and actor_ref = 'console'"
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """一座刚建好、尚无内容的正式城市。"""
    folder = DataFolder(tmp_path_factory.mktemp("bureau") / "city")
    done = _qingyuan(folder, "migrate")
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def _qingyuan(folder: DataFolder, *arguments: str) -> subprocess.CompletedProcess[str]:
    ours = ("DATABASE_", "QINGYUAN_", "DJANGO_", "PYTEST_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    kept |= {"QINGYUAN_DATA": str(folder.path), "QINGYUAN_WEB": f"127.0.0.1:{free_port()}"}
    return subprocess.run(
        [sys.executable, "-m", "qingyuan.cli", *arguments],
        env=kept, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _ask(folder: DataFolder, question: str) -> object:
    with Postgres(folder) as server, psycopg.connect(server.urls.app) as app:
        row = app.execute(question).fetchone()
        return row and row[0]


@pytest.mark.slow
def test_a_broken_folder_writes_nothing_then_a_whole_one_is_loaded_once(fresh, tmp_path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(shipped_city("demo"), broken)
    sections = broken / "sections.csv"
    lines = sections.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace(",R002,", ",R999,")
    lines[2] = lines[2].replace(",Ⅲ,", ",Ⅶ,")
    sections.write_text("\n".join(lines) + "\n", "utf-8")
    before = fresh.devices.read_bytes()

    refused = _qingyuan(fresh, "city", "load", str(broken))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "R999" in refused.stderr
    assert "Ⅶ" in refused.stderr  # both rows are told, not the first alone
    assert refused.stderr.count("sections.csv") >= 4  # each in two languages
    assert fresh.devices.read_bytes() == before
    assert _ask(fresh, "select count(*) from registry_section") == 0
    assert _ask(fresh, _LOADED) == 0

    first = _qingyuan(fresh, "city", "load", str(shipped_city("demo")), "--json")
    assert (first.returncode, first.stderr) == (0, "")
    tables = json.loads(first.stdout)["tables"]
    assert (tables["sections"]["new"], tables["outfalls"]["new"]) == (24, 300)
    published = json.loads(fresh.devices.read_text("utf-8"))["devices"]
    assert len(published) == tables["devices"]["new"]

    again = _qingyuan(fresh, "city", "load", str(shipped_city("demo")), "--json")
    counts = json.loads(again.stdout)["tables"].values()
    assert all((c["new"], c["changed"], c["absent"]) == (0, 0, 0) for c in counts)
    assert _ask(fresh, _LOADED) == 1

    told = _qingyuan(fresh, "city", "load", str(shipped_city("demo")))
    assert told.returncode == 0
    assert "24" in next(line for line in told.stdout.splitlines() if line.startswith("  sections"))


def test_a_folder_that_is_no_city_says_what_to_do(tmp_path) -> None:
    nowhere = DataFolder(tmp_path / "nowhere")
    done = _qingyuan(nowhere, "city", "load", str(shipped_city("four_nodes")))
    assert done.returncode == 1
    assert "host.folder_missing" in done.stderr
    assert not nowhere.path.exists()
