from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction

from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import Actor
from qingyuan.web.registry.models import Device
from qingyuan.web.registry.services import add_device, change_device, load_city

pytestmark = pytest.mark.django_db
BY = Actor("user:admin1", "管理员")
MN = "A37990000000000000000S01"
NEW = {
    "station": "section:S2", "st": "21", "password": "654321", "dialect": "2017", "crc": ["modbus"],
    "repairs": ["length.wrong"], "answer": "always", "label": "end", "encoding": "auto",
    "factors": {"w21003": "mg/L"}, "interval_s": 300,
}  # fmt: skip


@pytest.fixture
def path(small_city, at, tmp_path):
    load_city(small_city, by=BY, at=at)
    return tmp_path / "devices.json"


def published(path):
    return {d["mn"]: d for d in json.loads(path.read_text("utf-8"))["devices"]}


def test_a_change_is_written_down_without_the_password_and_published_when_committed(
    path, at, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        change_device(
            MN, changes={"password": "777777", "crc": ["standard", "modbus"], "interval_s": 60},
            reason="厂商确认校验算法", by=BY, at=at, path=path,
        )  # fmt: skip
        assert not path.exists()  # the gateway never hears of what may yet be undone
    assert published(path)[MN]["password"] == "777777"
    assert published(path)[MN]["crc"] == ["standard", "modbus"]
    entry = Entry.objects.get(deed="registry.change_device")
    assert entry.detail == {
        "reason": "厂商确认校验算法",
        "terms": {
            "password": "changed",
            "crc": {"was": ["standard"], "is": ["standard", "modbus"]},
        },
    }


def test_a_change_of_nothing_is_no_deed(path, at, raises_problem):
    with raises_problem("registry.device_unchanged"):
        change_device(MN, changes={"interval_s": 60}, reason="—", by=BY, at=at, path=path)
    assert not Entry.objects.filter(deed="registry.change_device").exists()


def test_a_new_device_needs_a_station_and_a_name_of_its_own(
    path, at, raises_problem, django_capture_on_commit_callbacks
):
    with raises_problem("registry.unknown_station"):
        add_device("N1", terms=NEW | {"station": "section:S9"}, reason="—", by=BY, at=at, path=path)
    with raises_problem("registry.device_known"):
        add_device(MN, terms=NEW, reason="—", by=BY, at=at, path=path)
    with django_capture_on_commit_callbacks(execute=True):
        add_device("N1", terms=NEW, reason="新装", by=BY, at=at, path=path)
    assert published(path)["N1"]["repairs"] == ["length.wrong"]
    assert "654321" not in json.dumps(Entry.objects.get(deed="registry.add_device").detail)


@pytest.mark.parametrize(
    "wrong", [{"sm4_key": "abc"}, {"backfill": "perhaps"}, {"interval_s": 0}, {"max_per_s": 0}]
)
def test_the_database_refuses_terms_that_cannot_be(path, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Device.objects.filter(mn=MN).update(**wrong)


def test_a_key_is_published_and_its_absence_is_null(path, at, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        change_device(
            MN, changes={"sm4_key": "0123456789ABCDEF0123456789ABCDEF"}, reason="2025 版",
            by=BY, at=at, path=path,
        )  # fmt: skip
    found = published(path)
    assert found[MN]["sm4"] == {"key": "0123456789ABCDEF0123456789ABCDEF"}
    assert found["A37990000000000000000D01"]["sm4"] is None
