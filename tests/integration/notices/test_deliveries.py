"""Messages leave the house: folded, signed, tried again, never to a host nobody named."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from qingyuan.web.accounts.services import put_person, put_unit
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.notices import services
from qingyuan.web.notices.models import Channel, Delivery, Reach
from qingyuan.web.notices.services.spread import after_quiet

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
State = Delivery.State


@dataclass
class Heard:
    """What the other side was told, and what it answers."""

    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    answer: bytes = b'{"errcode":0,"errmsg":"ok"}'
    port: int = 0


@pytest.fixture
def robot(settings) -> Iterator[Heard]:
    heard = Heard()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.posts.append((self.path, dict(self.headers), body))
            self.send_response(heard.status)
            if heard.status == 302:
                self.send_header("Location", f"http://127.0.0.1:{heard.port}/elsewhere")
            self.end_headers()
            self.wfile.write(heard.answer)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        heard.port = server.server_port
        settings.HOST = replace(
            django_settings.HOST, outbound=frozenset({f"127.0.0.1:{server.server_port}"})
        )
        settings.PUBLIC_ADDRESS = "https://qingyuan.example"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield heard
        server.shutdown()
        thread.join()


@pytest.fixture
def town():
    bureau = put_unit(
        code="b", parent=None, name_zh="市局", name_en="", kind="bureau", district_code=""
    )
    east = put_unit(
        code="e", parent=bureau, name_zh="东分局", name_en="", kind="branch", district_code=""
    )
    put = {"at": AT, "by": SYSTEM}
    return {
        "bureau": bureau,
        "east": east,
        "duty": put_person(
            username="duty", name="值班", unit=bureau, role_names=["duty_officer"], **put
        ),
        "officer": put_person(
            username="officer", name="经办", unit=east, role_names=["district_officer"], **put
        ),
        "admin": put_person(
            username="admin", name="管理", unit=bureau, role_names=["system_admin"], **put
        ),
    }


def _channel(town: dict[str, Any], robot: Heard, **more: Any) -> Channel:
    values = {
        "name": "值班群", "kind": "wecom", "unit": town["bureau"], "digest_minutes": 0,
        "address": f"http://127.0.0.1:{robot.port}/robot?key=K123",
    } | more  # fmt: skip
    return services.put_channel(Channel(**values), by=town["admin"], at=AT)


def _tell(*users: Any, title: str = "JD2026370203001 临期", **more: Any) -> None:
    services.notify(users, kind="case", title=title, url="/cases/1/", at=AT, **more)


def test_many_messages_are_one_post_and_one_matter_is_told_once(town, robot):
    _channel(town, robot)
    _tell(town["duty"], town["officer"], body="正文不外发")
    _tell(town["duty"], title="第二条 [东区]")
    assert services.deliver() == 2
    ((path, _, body),) = robot.posts
    assert path == "/robot?key=K123"
    text = json.loads(body)["markdown"]["content"]
    assert text.splitlines() == [
        "- [JD2026370203001 临期](https://qingyuan.example/cases/1/)",
        "- [第二条 ［东区］](https://qingyuan.example/cases/1/)",
    ]
    assert "正文" not in text
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    assert services.deliver() == 0


def test_a_unit_hears_only_of_its_own_people(town, robot):
    _channel(town, robot, unit=town["east"])
    _tell(town["duty"])
    assert Delivery.objects.count() == 0
    _tell(town["officer"])
    assert Delivery.objects.count() == 1


def test_dingtalk_is_signed_as_its_manual_says(town, robot):
    _channel(town, robot, kind="dingtalk", secret="SEC1")
    _tell(town["duty"])
    services.deliver()
    query = parse_qs(urlsplit(robot.posts[0][0]).query)
    digest = hmac.new(b"SEC1", f"{query['timestamp'][0]}\nSEC1".encode(), hashlib.sha256).digest()
    assert base64.b64decode(query["sign"][0]) == digest
    assert query["key"] == ["K123"]


def test_a_signed_post_can_be_checked_by_who_receives_it(town, robot):
    _channel(town, robot, kind="webhook", secret="s3")
    robot.answer = b""
    _tell(town["duty"])
    assert services.deliver() == 1
    _, headers, body = robot.posts[0]
    signed = hmac.new(b"s3", headers["X-Qingyuan-Timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["X-Qingyuan-Signature"] == f"sha256={signed.hexdigest()}"
    assert json.loads(body)["messages"][0]["title"] == "JD2026370203001 临期"


def test_a_refusal_is_tried_again_later_each_time_and_given_up_in_the_end(town, robot):
    _channel(town, robot)
    robot.answer = b'{"errcode":93000,"errmsg":"invalid webhook url"}'
    _tell(town["duty"])
    now, waits = timezone.now() + timedelta(seconds=1), []
    for _ in range(8):
        assert services.deliver(now) == 0
        row = Delivery.objects.get()
        waits.append(row.due_at - now)
        now = row.due_at + timedelta(seconds=1)
    assert waits[0] == timedelta(seconds=30)
    assert waits[1] == timedelta(seconds=60)
    assert (row.state, row.tries, row.error) == (
        State.FAILED, 8, "errcode 93000 invalid webhook url"
    )  # fmt: skip
    assert services.deliver(now + timedelta(days=1)) == 0
    assert len(robot.posts) == 8


def test_a_throttled_robot_is_left_alone_for_ten_minutes(town, robot):
    _channel(town, robot)
    robot.answer = b'{"errcode":45009,"errmsg":"api freq out of limit"}'
    _tell(town["duty"])
    now = timezone.now() + timedelta(seconds=1)
    services.deliver(now)
    assert Delivery.objects.get().due_at - now == timedelta(minutes=10)


def test_no_more_than_eighteen_posts_a_minute(town, robot):
    _channel(town, robot)
    now = timezone.now() + timedelta(seconds=1)
    for n in range(20):
        _tell(town["duty"])
        services.deliver(now + timedelta(seconds=n))
    assert len(robot.posts) == 18
    services.deliver(now + timedelta(seconds=80))
    assert len(robot.posts) == 19
    assert not Delivery.objects.filter(state=State.WAITING).exists()


def test_a_digest_waits_and_an_urgent_message_takes_it_along(town, robot):
    _channel(town, robot, digest_minutes=30)
    _tell(town["duty"])
    _tell(town["duty"], title="第二条")
    assert services.deliver() == 0
    _tell(town["duty"], title="一级告警", urgent=True)
    assert services.deliver(timezone.now() + timedelta(seconds=1)) == 3
    assert len(robot.posts) == 1


def test_redirects_are_not_followed_and_unnamed_hosts_never_called(town, robot, settings):
    channel = _channel(town, robot)
    robot.status = 302
    _tell(town["duty"])
    services.deliver()
    assert [path for path, _, _ in robot.posts] == ["/robot?key=K123"]
    assert Delivery.objects.get().error == "HTTP 302"
    settings.HOST = replace(settings.HOST, outbound=frozenset())
    services.deliver(timezone.now() + timedelta(hours=1))
    assert len(robot.posts) == 1
    assert Delivery.objects.get().error == "host not in QINGYUAN_OUTBOUND"
    assert services.try_channel(channel, by=town["admin"], at=AT)


@pytest.mark.parametrize(
    "address",
    ["ftp://127.0.0.1/x", "http://evil.example/", "http://127.0.0.1@evil.example/", "file:///etc/hosts"],
)  # fmt: skip
def test_a_channel_to_a_host_nobody_named_is_refused(town, robot, raises_problem, address):
    with raises_problem("notices.host_not_allowed"):
        _channel(town, robot, address=address)


def test_a_deed_that_is_undone_sends_nothing(town, robot):
    _channel(town, robot)
    with transaction.atomic():
        _tell(town["duty"])
        transaction.set_rollback(True)
    assert services.deliver() == 0


def test_what_a_dead_process_had_claimed_waits_again_and_old_news_is_dropped(town, robot):
    _channel(town, robot)
    _tell(town["duty"])
    now = timezone.now() + timedelta(seconds=1)
    Delivery.objects.update(state=State.SENDING, due_at=now - timedelta(minutes=6))
    assert services.deliver(now) == 1
    _tell(town["duty"])
    Delivery.objects.filter(state=State.WAITING).update(made_at=now - timedelta(hours=25))
    assert services.deliver(now) == 0
    assert Delivery.objects.filter(state=State.EXPIRED).count() == 1


def test_neither_secret_nor_key_is_written_into_the_audit_or_shown(town, robot, client):
    channel = _channel(town, robot, secret="SEC-TOP")
    client.force_login(town["admin"])
    pages = [client.get(reverse("channel", args=[channel.pk])), client.get(reverse("channels"))]
    said = "".join(page.content.decode() for page in pages)
    said += "".join(json.dumps(e.detail) for e in Entry.objects.all())
    assert "值班群" in said
    assert "SEC-TOP" not in said
    assert "K123" not in said
    form = {"name": "值班群", "kind": "wecom", "unit": town["east"].pk, "digest_minutes": 3,
            "active": "on", "address": "", "secret": ""}  # fmt: skip
    assert client.post(reverse("channel", args=[channel.pk]), form).status_code == 302
    channel.refresh_from_db()
    assert (channel.secret, channel.unit, channel.address[-4:]) == ("SEC-TOP", town["east"], "K123")


class _Mailbox(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        in_data = False
        for raw in self.rfile:
            line = raw.rstrip(b"\r\n")
            if in_data:
                if line == b".":
                    in_data = False
                    self.wfile.write(b"250 kept\r\n")
                else:
                    self.server.kept.append(line.decode())
                continue
            if line.upper() == b"DATA":
                in_data = True
                self.wfile.write(b"354 go on\r\n")
            elif line.upper() == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@contextmanager
def _mailbox() -> Iterator[Any]:
    with socketserver.TCPServer(("127.0.0.1", 0), _Mailbox) as server:
        server.kept = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_mail_goes_to_who_asked_for_it(town, settings, client):
    client.force_login(town["duty"])
    answer = client.post(reverse("reach"), {"mail": "duty@example.org", "digest_minutes": "0"})
    assert answer.status_code == 302
    with _mailbox() as box:
        settings.HOST = replace(
            django_settings.HOST, mail=f"smtp://127.0.0.1:{box.server_address[1]}"
        )
        _tell(town["duty"], town["officer"], body="正文不外发")
        assert services.deliver() == 1
    said = "\n".join(box.kept)
    assert "To: duty@example.org" in said
    assert "正文" not in said
    assert (
        base64.b64decode("".join(said.split("\n\n", 1)[1].split()))
        .decode()
        .startswith("JD2026370203001 临期\n")
    )
    half = client.post(reverse("reach"), {"mail": "", "digest_minutes": "0", "quiet_from": "22:00"})
    assert half.status_code == 422


@pytest.mark.parametrize(
    ("at", "waits"),
    [("13:59", "13:59"), ("14:00", "23:30"), ("16:00", "23:30"), ("23:29", "23:30"), ("23:30", "23:30")],
)  # fmt: skip
def test_quiet_hours_over_midnight_move_to_their_end(at, waits):
    """UTC 14:00 is 22:00 in the city; quiet from 22:00 to 07:30."""
    reach = Reach(quiet_from=time(22), quiet_to=time(7, 30))
    moment = datetime.fromisoformat(f"2026-09-22T{at}:00+00:00")
    assert after_quiet(reach, moment) == datetime.fromisoformat(f"2026-09-22T{waits}:00+00:00")
