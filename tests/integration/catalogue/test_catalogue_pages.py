"""Every data set is measured, names where it comes from, and tells what went wrong with it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.store.history import pin
from qingyuan.store.journal import Journal
from qingyuan.store.maintenance import maintain_all
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.catalogue import selectors
from qingyuan.web.registry.services import load_city
from small_city import AT, small_city


@pytest.fixture
def folder(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    load_city(small_city(), by=SYSTEM, at=AT)
    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    monkeypatch.setattr(CityClock, "now", lambda _: AT)
    return settings.FOLDER


@pytest.fixture
def page(client: Client, folder: DataFolder) -> Any:
    """Open the catalogue as whoever runs the platform."""
    client.force_login(User.objects.filter(grants__role="system_admin").first())
    return lambda *name: client.get(reverse("catalogue-set" if name else "catalogue", args=name))


def store(folder: DataFolder, minutes: int, at: datetime = AT) -> Observations:
    observations = Observations(folder.store)
    for minute in range(minutes):
        time = at - timedelta(minutes=minute)
        observations.append(
            [
                {"station": "section:S1", "factor": "w21003", "cn": "2011", "suffix": "Rtd",
                 "time": time, "text": "1.0", "mn": "A", "received_at": time, "offset": minute}
            ]
        )  # fmt: skip
    return observations


def measured(folder: DataFolder) -> dict[str, selectors.DataSet]:
    found = selectors.board(folder, at=AT)
    return {one.id: one for _, _, sets in found.groups for one in sets}


def test_every_data_set_names_what_exists():
    told = selectors.datasets()
    rows = {row["id"]: row for row in told["dataset"]}
    groups = {group["id"] for group in told["group"]}
    assert len(rows) == len(told["dataset"])
    for row in rows.values():
        assert row["group"] in groups
        assert set(row["from"]) <= rows.keys()
        assert row["zh"] != row["en"]
        if row["kind"] == "model":
            fields = {f.name for f in apps.get_model(row["source"])._meta.get_fields()}
            assert row.get("fresh", next(iter(fields))) in fields
        else:
            assert row["kind"] in ("table", "journal")


def test_tables_and_registers_are_counted_and_dated(folder):
    store(folder, 3)
    found = measured(folder)
    assert (found["observations"].rows, found["observations"].fresh_at) == (3, AT)
    assert found["observations"].size > 0
    assert found["sections"].rows == apps.get_model("registry.Section").objects.count() > 0
    assert found["sections"].size > 0
    assert (found["fixes"].rows, found["fixes"].fresh_at) == (0, None)


def test_the_journal_is_measured_by_its_files(folder):
    journal = Journal(folder.journal)
    journal.append(b"##1", {"peer": "x"})
    journal.sync()
    journal.close()
    found = measured(folder)["journal"]
    assert found.rows is None
    assert found.size > 3
    assert found.is_wall


def test_what_is_not_brought_on_time_is_late(folder):
    store(folder, 1, at=AT - timedelta(hours=2))
    assert measured(folder)["observations"].is_late
    store(folder, 1)
    assert not measured(folder)["observations"].is_late


def test_lineage_reads_both_ways(folder):
    found = measured(folder)
    assert ("journal", found["journal"].label) in found["observations"].sources
    assert ("observations", found["observations"].label) in found["journal"].used_by
    assert ("bulletins", found["bulletins"].label) in found["observations"].used_by


def test_the_newest_packet_set_aside_is_told_without_its_content(folder, page):
    store(folder, 1)
    Quarantine(folder.store).append(
        [{"received_at": AT, "reason": "hj212.crc_mismatch", "raw": b"secret words"}]
    )
    assert "hj212.crc_mismatch" in measured(folder)["observations"].fault
    assert "secret" not in page().content.decode()


def test_a_table_that_could_not_be_kept_says_why(folder, monkeypatch):
    from qingyuan.core.problems import Problem

    store(folder, 1)

    def full(*_: object, **__: object) -> int:
        raise Problem("store.full", table="observations", place="/data", cause="No space left")

    monkeypatch.setattr("qingyuan.store.maintenance.tidy", full)
    maintain_all(folder.store, today=city_date(AT), at=AT)
    found = measured(folder)["observations"]
    assert "No space left" in found.fault
    assert found.fault_at == AT


def test_both_pages_open_with_versions_pins_and_columns(folder, page):
    observations = store(folder, 9)
    maintain_all(folder.store, today=city_date(AT), at=AT)
    pin(observations.table, "bulletin-1", at=AT)
    assert "监测观测" in page().content.decode()
    text = page("observations").content.decode()
    for word in ("bulletin-1", "核对完整", "received_at", "OPTIMIZE"):
        assert word in text
    for name in ("journal", "fixes", "enterprises", "audit"):
        assert page(name).status_code == 200
    assert page("nothing").status_code == 404


def test_an_empty_city_has_an_empty_catalogue(folder, page):
    assert "尚无数据" in page().content.decode()
    assert django_settings.FOLDER is folder


def test_in_english_nothing_is_left_in_chinese(client, folder, page):
    store(folder, 1)
    maintain_all(folder.store, today=city_date(AT), at=AT)
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    for name in ((), ("observations",), ("enterprises",), ("journal",)):
        text = page(*name).content.decode()
        main = re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index("</main>")])
        assert re.findall(r"[\u4e00-\u9fff]+", main) == []
