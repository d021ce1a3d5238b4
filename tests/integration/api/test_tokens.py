from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from qingyuan.core.problems import Problem
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.services import put_person
from qingyuan.web.api import services, views
from qingyuan.web.api.models import Token
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.registry.services import load_city, publish_devices
from small_city import AT, small_city

pytestmark = pytest.mark.django_db
OWN, OTHER = "A37990000000000000000D01", "A37990000000000000000S01"


@pytest.fixture
def folder(tmp_path, settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataFolder]:
    settings.FOLDER = DataFolder(tmp_path)
    monkeypatch.setattr(views, "_opened", {})
    load_city(small_city(), by=SYSTEM, at=AT)
    publish_devices(settings.FOLDER.devices, at=AT)
    yield settings.FOLDER
    for intake in views._opened.values():
        intake.close()


@pytest.fixture
def admin(folder: DataFolder) -> User:
    put_person(
        username="sysadmin", name="系统", unit=Unit.objects.get(code="west"),
        role_names=["system_admin"], at=AT, by=SYSTEM, enterprise_code="",
    )  # fmt: skip
    return User.objects.get(username="sysadmin")


@pytest.fixture
def now(folder: DataFolder):
    return CityClock(folder).now()


@pytest.fixture
def issued(admin: User, now) -> tuple[Token, str]:
    return services.issue(
        name="微型站平台", mns=[OWN], expires_at=now + timedelta(days=30), by=admin, at=now
    )


@pytest.fixture
def post(issued) -> Callable[..., object]:
    def send(
        *rows: dict[str, str],
        token: str = issued[1],
        media: str = "application/json",
        raw: bytes = b"",
    ):
        return Client(enforce_csrf_checks=True).post(
            reverse("api-observations"),
            raw or json.dumps({"observations": rows}).encode(),
            content_type=media,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    return send


def _row(now, value: str = "0.350", mn: str = OWN) -> dict[str, str]:
    return {"mn": mn, "factor": "w21003", "time": now.isoformat(), "value": value}


def test_a_batch_reaches_the_store_under_the_name_of_its_source(folder, post, issued, now):
    answer = post(_row(now))
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1, "refused": 0, "rows": []})
    assert post(_row(now)).status_code == 200
    (row,) = Observations(folder.store).since(-1).to_pylist()
    assert (row["station"], row["text"]) == ("outfall:O1", "0.350")
    assert row["qn"].startswith(f"http:{issued[0].prefix}@")
    assert Token.objects.get().used_at is not None


def test_csv_and_bad_rows(folder, post, now):
    raw = f"mn,factor,time,value\n{OWN},w21003,{now.isoformat()},0.1\n{OWN},w21003,{now.isoformat()},x\n"
    answer = post(raw=raw.encode(), media="text/csv")
    assert answer.status_code == 207
    assert [(r["row"], r["code"]) for r in answer.json()["rows"]] == [(2, "feeds.not_a_number")]
    assert post(raw=b"{").status_code == 400
    assert post(raw=b"<x/>", media="text/xml").status_code == 415
    assert post(raw=b" " * 900_001).status_code == 413


def test_a_token_speaks_for_its_own_devices_only(post, now):
    answer = post(_row(now, mn=OTHER))
    assert answer.status_code == 422
    absent = post(_row(now, mn="A00000000000000000000000"))
    assert [r["code"] for a in (answer, absent) for r in a.json()["rows"]] == [
        "feeds.unknown_device"
    ] * 2


def test_without_a_token_that_holds_nothing_is_read(folder, post, issued, admin, now):
    token, text = issued
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    for shown in ("", "x", wrong, f"qy_00000000_{text.partition('_')[2][9:]}"):
        answer = post(_row(now), token=shown)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    services.revoke(token, by=admin, at=now)
    assert post(_row(now)).status_code == 401
    assert not (folder.journal / "feeds").exists()


def test_a_token_has_its_share_of_each_minute(folder, post, issued, now, monkeypatch):
    monkeypatch.setattr(services, "MOST_A_MINUTE", 3)
    token = issued[0]
    begun = now.replace(second=0, microsecond=0)
    admitted = [services.admit(token, at=begun + timedelta(seconds=n)) for n in range(5)]
    assert admitted == [True, True, True, False, False]
    assert services.admit(token, at=begun + timedelta(minutes=1))
    monkeypatch.setattr(services, "MOST_A_MINUTE", 0)
    Token.objects.update(minute=None)
    answers = [post(_row(now)) for _ in range(2)]
    late = answers[1] if answers[0].status_code == 200 else answers[0]
    assert (late.status_code, late.json()["problem"]["code"]) == (429, "api.too_many")
    assert 0 < int(late.headers["Retry-After"]) <= 60


def test_a_token_ends_by_itself(issued, now):
    header = f"Bearer {issued[1]}"
    assert services.authenticate(header, at=now) == issued[0]
    assert services.authenticate(header, at=now + timedelta(days=31)) is None


def test_only_the_digest_is_kept_and_both_deeds_are_recorded(issued, admin, now):
    token, text = issued
    assert text not in json.dumps(list(Token.objects.values("prefix", "digest", "name")))
    services.revoke(token, by=admin, at=now)
    services.revoke(token, by=admin, at=now)
    deeds = Entry.objects.filter(target=f"token:{token.prefix}").values_list("deed", "detail")
    assert [deed for deed, _ in deeds] == ["api.issue_token", "api.revoke_token"]
    assert text not in str(list(deeds))


@pytest.mark.parametrize(
    ("mns", "days", "code"),
    [(["X"], 30, "api.no_such_device"), ([], 30, "api.no_such_device"), ([OWN], 0, "api.expiry"), ([OWN], 400, "api.expiry")],
)  # fmt: skip
def test_what_no_token_is_issued_for(admin, now, mns, days, code):
    with pytest.raises(Problem) as told:
        services.issue(name="x", mns=mns, expires_at=now + timedelta(days=days), by=admin, at=now)
    assert told.value.code == code


def test_the_administrator_issues_sees_once_and_revokes(admin, client):
    client.force_login(admin)
    refused = client.post(reverse("api-token-issue"), {"name": "", "mns": "", "days": "90"})
    assert refused.status_code == 422
    unknown = client.post(reverse("api-token-issue"), {"name": "站", "mns": "X", "days": "90"})
    assert "X" in unknown.content.decode()
    answer = client.post(
        reverse("api-token-issue"), {"name": "微型站", "mns": f"{OWN}\n{OTHER}", "days": "90"}
    )
    token = Token.objects.get()
    assert f"qy_{token.prefix}_" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    page = client.get(reverse("api-tokens")).content.decode()
    assert f"qy_{token.prefix}_" not in page
    assert "微型站" in page
    client.post(reverse("api-token-revoke", args=[token.pk]))
    assert "已撤销" in client.get(reverse("api-tokens")).content.decode()


def test_who_does_business_sees_no_tokens(folder, client):
    client.force_login(User.objects.get(username="duty"))
    assert client.get(reverse("api-tokens")).status_code == 404
