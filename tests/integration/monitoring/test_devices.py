from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from qingyuan.core.periods import city_date
from qingyuan.hj212 import frame
from qingyuan.store.dialogues import Dialogues
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine
from qingyuan.web.accounts.models import RoleGrant, User
from qingyuan.web.audit.models import Entry
from qingyuan.web.monitoring.models import DataMark, DeviceCommand, DeviceDay
from qingyuan.web.monitoring.selectors.devices import strip_of
from qingyuan.web.monitoring.services import count_day, expire, follow_dialogues
from qingyuan.web.registry.models import Device

pytestmark = pytest.mark.django_db
S1, D1, S3 = "A37990000000000000000S01", "A37990000000000000000D01", "A37990000000000000000S03"
STRANGE = "B37990000000000000000S77"


def modbus(segment: bytes) -> bytes:
    value = 0xFFFF
    for byte in segment:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return b"##%04d%b%04X\r\n" % (len(segment), segment, value)


def upload(mn: str, minute: int, *, pw: str = "123456") -> bytes:
    return (
        f"QN=202609220900{minute:02d}000;ST=21;CN=2011;PW={pw};MN={mn};Flag=5;"
        f"CP=&&DataTime=202609220900{minute:02d};w21003-Rtd=0.52,w21003-Flag=N&&"
    ).encode()


@pytest.fixture
def folder(tmp_path, settings):
    from qingyuan.host.folder import DataFolder

    settings.FOLDER = DataFolder(tmp_path)
    settings.FOLDER.store.mkdir(parents=True, exist_ok=True)
    return settings.FOLDER


@pytest.fixture
def observations(folder):
    return Observations(folder.store)


@pytest.fixture
def now(monkeypatch, at):
    from qingyuan.web.project import middleware

    moment = at + timedelta(minutes=10)
    monkeypatch.setattr(middleware._clock, "now", lambda: moment)
    return moment


@pytest.fixture
def head(city, person, at):
    user = User.objects.create_user(username="head", name="综合组", unit=person("duty").unit)
    RoleGrant.objects.create(
        user=user, role="department_head", separation="business", granted_by="-", granted_at=at,
        valid_from=city_date(at),
    )  # fmt: skip
    return user


@pytest.fixture
def enter(client, person, now):
    def sign_in(username: str):
        client.force_login(person(username))
        return client

    return sign_in


@pytest.fixture
def set_aside(folder, at):
    def store(raws: list[bytes], *, mn: str, reason: str, detail: str = "") -> None:
        Quarantine(folder.store).append(
            {
                "received_at": at + timedelta(seconds=n), "reason": reason, "detail": detail,
                "mn": mn, "raw": raw, "peer": "10.0.0.9:5000", "segment": 7, "offset": 100 * n,
                "verdict": "repaired",
            }
            for n, raw in enumerate(raws)
        )  # fmt: skip

    return store


def _get(client, name, *args, status=200, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


# ---- the list -------------------------------------------------------------------------------


def test_a_device_with_its_line_just_open_is_waited_for_and_not_late(
    city, observations, arrive, enter, folder, now
):
    arrive({-90: "0.8"}, cn="hist", suffix="Avg")  # history is no sign of life
    Device.objects.filter(mn=S1).update(interval_s=300)
    told = {"at": now.isoformat(), "state": "ok", "connections": [
        {"conn": 1, "peer": "10.0.0.1:5", "mn": [S1], "since": (now - timedelta(seconds=40)).isoformat(),
         "last": None, "packets": 0, "accepted": 0, "acknowledged": 0, "quarantined": 0, "reasons": {}},
    ]}  # fmt: skip
    (folder.store / "connections.json").write_text(json.dumps(told))
    text = _get(enter("duty"), "sources", text="望澜桥")
    assert "等首包" in text
    assert "data-late" not in text


def test_what_any_gateway_heard_counts(city, observations, enter, folder, now):
    told = {"at": now.isoformat(), "state": "ok", "connections": []}
    for name, seconds in (("connections", 900), ("connections-1", 20)):
        seen = {S3: (now - timedelta(seconds=seconds)).isoformat()}
        path = folder.store / f"{name}.json"
        path.write_text(json.dumps(told | {"last_seen": seen}))
    (folder.store / "connections-2.json").write_text('{"at": "half a fi')
    text = _get(enter("duty"), "sources", text="入海口")
    assert "2026-09-22 09:09" in text
    assert ">在线<" in text.replace("\n", "")


def test_the_list_filters_sorts_and_says_dialects_in_words(city, observations, enter, folder):
    text = _get(enter("duty"), "sources", kind="outfall", sort="together")
    assert D1 in text
    assert S1 not in text
    assert "HJ 212-2017" in text
    assert "没有符合条件的设备" in _get(enter("duty"), "sources", text="无此站")


def test_the_list_leaves_as_csv_and_the_audit_knows(city, observations, enter, folder):
    Device.objects.filter(mn=S3).update(mn="=1+1")
    answer = enter("duty").get(reverse("sources-export"), {"kind": "section"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("设备 MN,站点")
    assert len(lines) == 3
    assert any(line.startswith("'=1+1,") for line in lines)  # no spreadsheet runs it
    assert Entry.objects.get(deed="monitoring.export").detail == {
        "filter": "kind=section",
        "rows": 2,
    }


def test_the_system_administrator_sees_devices_and_no_reading(city, arrive, enter, folder):
    arrive({0: "0.8765"})
    client = enter("admin1")
    assert S1 in _get(client, "sources")
    page = _get(client, "device", S1)
    assert "应收与实收" in page
    assert "0.8765" not in page
    assert client.get(reverse("device-command", args=[S1, "1011"])).status_code == 404


def test_an_enterprise_sees_its_own_device_alone(city, observations, enter, folder):
    client = enter("ent1")
    page = _get(client, "device", D1)
    assert "数据标记" in page
    assert "device-commands" not in page
    _get(client, "device", S1, status=404)
    _get(client, "device-month", S3, status=404)


def test_no_page_of_a_device_shows_its_password_or_key(city, observations, enter, head, folder):
    Device.objects.update(password="98761234", sm4_key="A" * 32)
    client = enter("head")
    for name in ("device", "device-edit", "device-month"):
        text = _get(client, name, S1)
        assert "98761234" not in text
        assert "A" * 32 not in text


# ---- completeness ---------------------------------------------------------------------------


def test_a_day_is_counted_by_hand(city, observations, arrive, at):
    """60 s interval, 10 minutes: minutes 0 1 2 – – 5 6 7 8 9; one value flagged, one not a number."""
    arrive({0: "1", 1: "1", 2: "1", 5: "1", 6: "1"})
    arrive({7: "1"}, flag="D")
    arrive({8: "broken", 9: "1"})
    assert count_day(observations, city_date(at), at=at + timedelta(minutes=10)) == 1
    day = DeviceDay.objects.get()
    assert (day.expected, day.received, day.values, day.valid) == (10, 8, 8, 6)
    assert (day.gaps, day.longest_gap_s, day.late) == (1, 180, 0)


def test_a_silent_device_that_was_heard_before_has_a_row_of_noughts(city, observations, arrive, at):
    arrive({0: "1"})
    count_day(observations, city_date(at), at=at + timedelta(minutes=5))
    later = at + timedelta(days=1)
    count_day(observations, city_date(later), at=later)
    row = DeviceDay.objects.get(day=city_date(later))
    assert (row.expected, row.received) == (9 * 60, 0)  # since midnight, 09:00 now
    assert not DeviceDay.objects.filter(device_id=S3).exists()  # never heard: nothing is due


def test_a_declared_stop_is_not_due(city, observations, arrive, person, at):
    arrive({0: "1", 1: "1"}, station="outfall:O1")
    DataMark.objects.create(
        station="outfall:O1", kind="stop", from_at=at + timedelta(minutes=2),
        to_at=at + timedelta(minutes=8), reason="检修停产", party="enterprise",
        declared_by=person("ent1"), declared_at=at,
    )  # fmt: skip
    count_day(observations, city_date(at), at=at + timedelta(minutes=10))
    day = DeviceDay.objects.get(device_id=D1)
    assert (day.expected, day.received) == (4, 2)


def test_late_rows_are_told_from_live_ones(city, observations, arrive, at):
    arrive({0: "1"})
    arrive({1: "1"}, received_at=at + timedelta(hours=2))
    count_day(observations, city_date(at), at=at + timedelta(hours=3))
    assert DeviceDay.objects.get().late == 1


def test_the_month_opens_its_days_and_a_day_its_hours(
    city, observations, arrive, enter, folder, at
):
    arrive(dict.fromkeys(range(10), "1"))
    arrive({3: "2"}, flag="M", factor="w01001")
    count_day(observations, city_date(at), at=at + timedelta(minutes=10))
    client = enter("duty")
    assert "100.0%" in _get(client, "sources", text="望澜桥")
    text = _get(client, "device-month", S1, day="2026-09-22")
    for words in ("逐日", "逐时", "90.9%", ">M<", "未经原文核对"):  # 10 of 11 values are valid
        assert words in text, words


def test_the_strip_says_what_came_and_how_far_the_clock_is_off(city, observations, arrive, at):
    arrive({0: "1", 1: "1", 4: "1"}, qn="20260922090010000")
    arrive({2: "1"}, qn="20260922090237000")  # sent at :37 by its own clock, received at :02
    device = Device.objects.get(mn=S1)
    strip = strip_of(observations, device, at=at + timedelta(minutes=5), hours=24)
    assert (strip.expected, strip.received, len(strip.cells)) == (5, 4, 144)
    assert [(b - a).total_seconds() for a, b in strip.gaps] == [60.0]
    assert {c.level for c in strip.cells} == {"rest", "part"}
    assert strip.clock_s is not None


# ---- the record and what packets propose ---------------------------------------------------


def test_the_record_is_changed_audited_and_published(
    city, enter, head, folder, django_capture_on_commit_callbacks
):
    client = enter("head")
    page = client.get(reverse("device-edit", args=[S1]))
    given = {
        k: v for k, v in page.context["form"].initial.items() if v is not None and v is not False
    } | {"networks": "10.1.0.0/16", "heartbeat_s": 30, "reason": "核对设备台账"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("device-edit", args=[S1]), given)
    assert answer.status_code == 302, answer.context["form"].errors
    rows = {d["mn"]: d for d in json.loads(folder.devices.read_text("utf-8"))["devices"]}
    assert (rows[S1]["networks"], rows[S1]["heartbeat_s"]) == (["10.1.0.0/16"], 30)
    assert rows[S1]["password"] == "123456"  # nothing typed, nothing changed
    wrong = given | {"networks": "ten dot something"}
    answer = client.post(reverse("device-edit", args=[S1]), wrong)
    assert answer.status_code == 422
    assert "不是网段" in answer.content.decode()
    assert enter("duty").get(reverse("device-edit", args=[S1])).status_code == 404


def test_three_packets_of_one_kind_propose_a_policy_and_a_person_accepts_it(
    city, enter, head, folder, set_aside, django_capture_on_commit_callbacks
):
    some = [modbus(upload(S1, n)) for n in range(2)]
    set_aside(some, mn=S1, reason="gateway.repair_not_allowed", detail="crc.modbus")
    assert "接受建议" not in _get(enter("head"), "device", S1)  # two are not a habit
    set_aside([modbus(upload(S1, 5))], mn=S1, reason="gateway.repair_not_allowed")
    client = enter("head")
    page = _get(client, "device", S1)
    assert "接受建议" in page
    assert "Modbus" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("device-proposal", args=[S1]), {"reason": "厂商函告"})
    assert Device.objects.get(mn=S1).crc == ["standard", "modbus"]
    detail = Entry.objects.get(deed="registry.change_device").detail
    assert detail["reason"] == "厂商函告（crc.modbus×3）"
    assert "接受建议" not in _get(client, "device", S1)


def test_text_in_gbk_of_accepted_packets_proposes_an_encoding(
    city, enter, head, folder, now, observations
):
    habit = {"packets": 9, "crc": "standard", "dialect": "2017", "encoding": "gb18030",
             "deviations": {"encoding.gb18030": 2}}  # fmt: skip
    told = {"at": now.isoformat(), "state": "ok", "connections": [], "habits": {S1: habit}}
    path = folder.store / "connections.json"
    path.write_text(json.dumps(told))
    assert "接受建议" not in _get(enter("head"), "device", S1)  # two are not a habit
    habit["deviations"]["encoding.gb18030"] = 9
    path.write_text(json.dumps(told))
    client = enter("head")
    assert "接受建议" in _get(client, "device", S1)
    client.post(reverse("device-proposal", args=[S1]), {"reason": "核对"})
    assert Device.objects.get(mn=S1).encoding == "auto"
    assert "接受建议" not in _get(client, "device", S1)


def test_a_device_that_insists_on_answers_is_proposed_to_be_answered(
    city, enter, head, folder, now, observations
):
    habit = {"packets": 9, "dialect": "2017", "deviations": {"answer.insists": 4}}
    told = {"at": now.isoformat(), "state": "ok", "connections": [], "habits": {S1: habit}}
    (folder.store / "connections.json").write_text(json.dumps(told))
    client = enter("head")
    client.post(reverse("device-proposal", args=[S1]), {"reason": "核对"})
    assert Device.objects.get(mn=S1).answer == "always"
    assert "接受建议" not in _get(client, "device", S1)


def test_a_wrong_password_proposes_nothing(city, enter, head, folder, set_aside):
    some = [frame(upload(S1, n, pw="000000")) for n in range(5)]
    set_aside(some, mn=S1, reason="gateway.wrong_password", detail=S1)
    assert "接受建议" not in _get(enter("head"), "device", S1)


def test_an_unknown_sender_becomes_a_device_of_a_station(
    city, enter, head, folder, set_aside, django_capture_on_commit_callbacks
):
    some = [modbus(upload(STRANGE, n, pw="445566")) for n in range(3)]
    set_aside(some, mn=STRANGE, reason="gateway.unknown_device", detail=STRANGE)
    client = enter("head")
    assert reverse("device-accept") in _get(client, "quarantine", mn=STRANGE)
    page = client.get(reverse("device-accept"), {"mn": STRANGE})
    initial = page.context["form"].initial
    assert (initial["st"], initial["crc"]) == ("21", ["modbus"])
    assert initial["factors"] == "w21003 mg/L"
    assert "445566" not in page.content.decode()
    given = {k: v for k, v in initial.items() if v is not None and v is not False and v != ""}
    given |= {"mn": STRANGE, "station": "section:S2", "reason": "新装水站"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("device-accept"), given)
    assert answer.status_code == 302, answer.context["form"].errors
    made = Device.objects.get(mn=STRANGE)
    assert (made.station, made.password, made.crc) == ("section:S2", "445566", ["modbus"])
    assert client.get(reverse("device-accept"), {"mn": "nobody"}).status_code == 404
    assert STRANGE in folder.devices.read_text("utf-8")


# ---- commands -------------------------------------------------------------------------------


def _outbox():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT id, mn, cn, st, parameters, flag FROM gateway_outbox ORDER BY id")
        return cursor.fetchall()


def _step(folder, command, event, at, *, raw=b"", result="", direction="down"):
    Dialogues(folder.store).append([
        {"received_at": at, "mn": command.device_id, "command": command.pk, "purpose": "command",
         "cn": command.cn, "qn": "20260922091000000", "direction": direction, "event": event,
         "result": result, "raw": raw},
    ])  # fmt: skip
    follow_dialogues(Dialogues(folder.store), devices_path=folder.devices)
    command.refresh_from_db()
    return command


def test_a_reading_is_asked_sent_answered_and_done(city, enter, folder, now):
    client = enter("duty")
    answer = client.post(reverse("device-command", args=[S1, "1061"]), {"reason": "核对间隔"})
    assert answer.status_code == 302
    command = DeviceCommand.objects.get()
    [(number, mn, cn, st, parameters, flag)] = _outbox()
    assert (number, mn, cn, st, json.loads(parameters), flag) == (
        command.pk, S1, "1061", "21", [], 5,
    )  # fmt: skip
    assert Entry.objects.get(deed="monitoring.command").detail["reason"] == "核对间隔"
    assert "待下发" in _get(client, "device", S1)
    assert _step(folder, command, "sent", now).state == "sent"
    reply = frame(
        f"QN=20260922091000000;ST=21;CN=1061;PW=123456;MN={S1};Flag=4;CP=&&RtdInterval=30&&".encode()
    )
    _step(folder, command, "acknowledged", now, result="1", direction="up")
    _step(folder, command, "answered", now, raw=reply, direction="up")
    command = _step(folder, command, "done", now + timedelta(seconds=2), result="1", direction="up")
    assert (command.state, command.answer, command.answers) == ("done", "RtdInterval=30", 1)
    assert command.ended_at == now + timedelta(seconds=2)
    assert _outbox() == []
    page = _get(client, "device", S1)
    assert "RtdInterval=30" in page
    assert "收到数据" in page  # the dialogue


def test_live_answers_only_when_something_moved(city, enter, folder, now):
    client = enter("duty")
    client.post(reverse("device-command", args=[S1, "1061"]), {"reason": "核对"})
    address = reverse("device-live", args=[S1])
    first = client.get(address, {"since": "none"})
    assert first.status_code == 200
    mark = first["X-Live-Since"]
    assert client.get(address, {"since": mark}).status_code == 204
    _step(folder, DeviceCommand.objects.get(), "overtime", now)
    moved = client.get(address, {"since": mark})
    assert "超时无应答" in moved.content.decode()


def test_a_setting_wants_the_department_and_a_second_word(city, enter, head, folder):
    address = reverse("device-command", args=[S1, "1062"])
    assert enter("duty").get(address).status_code == 404
    client = enter("head")
    given = {"RtdInterval": "60", "reason": "按运维方案"}
    assert client.post(address, given).status_code == 422
    assert client.post(address, given | {"RtdInterval": "5", "sure": "on"}).status_code == 422
    assert not DeviceCommand.objects.exists()
    assert client.post(address, given | {"sure": "on"}).status_code == 302
    assert DeviceCommand.objects.get().parameters == [["RtdInterval", "60"]]
    again = client.post(address, given | {"sure": "on"})
    assert again.status_code == 422  # one at a time
    assert DeviceCommand.objects.count() == 1


def test_a_history_is_asked_by_beijing_time_and_not_backwards(city, enter, folder):
    address = reverse("device-command", args=[S1, "2061"])
    span = {"BeginTime": "2026-09-22T08:00", "EndTime": "2026-09-22T09:00", "reason": "补缺"}
    client = enter("duty")
    assert client.post(address, span | {"EndTime": "2026-09-22T07:00"}).status_code == 422
    assert client.post(address, span).status_code == 302
    assert DeviceCommand.objects.get().parameters == [
        ["BeginTime", "20260922080000"],
        ["EndTime", "20260922090000"],
    ]


def test_nobody_commands_what_they_do_not_see(city, enter, folder):
    client = enter("west1")
    answer = client.post(reverse("device-command", args=[S1, "1061"]), {"reason": "—"})
    assert answer.status_code == 404
    assert not DeviceCommand.objects.exists()


def test_a_command_can_be_taken_back_and_the_devices_word_still_counts(city, enter, folder, now):
    client = enter("duty")
    client.post(reverse("device-command", args=[S1, "1061"]), {"reason": "核对"})
    command = DeviceCommand.objects.get()
    client.post(reverse("command-cancel", args=[command.pk]))
    command.refresh_from_db()
    assert (command.state, _outbox()) == ("cancelled", [])
    assert Entry.objects.filter(deed="monitoring.cancel_command").count() == 1
    assert _step(folder, command, "overtime", now).state == "cancelled"
    assert _step(folder, command, "done", now, result="1").state == "done"  # it had been sent


def test_what_nobody_sent_in_time_expires_and_what_was_lost_is_overtime(city, enter, folder, now):
    client = enter("duty")
    for cn in ("1061", "1011"):
        client.post(reverse("device-command", args=[S1, cn]), {"reason": "核对"})
    lost = DeviceCommand.objects.get(cn="1011")
    _step(folder, lost, "sent", now)
    later = timezone.now() + timedelta(minutes=11)
    DeviceCommand.objects.update(created_at=later - timedelta(hours=1))
    DeviceCommand.objects.update(expires_at=later - timedelta(minutes=1))
    assert "过期未下发" not in _get(client, "device", S1)  # by the wall it has not yet
    assert expire(wall=later, at=now) == 1
    assert DeviceCommand.objects.get(cn="1061").state == "expired"
    assert expire(wall=later + timedelta(minutes=10), at=now) == 1
    lost.refresh_from_db()
    assert lost.state == "overtime"


def test_a_new_password_the_device_took_is_registered_and_never_shown(
    city, enter, head, folder, now, django_capture_on_commit_callbacks
):
    client = enter("head")
    given = {"NewPW": "abc987", "reason": "定期更换", "sure": "on"}
    assert client.post(reverse("device-command", args=[S1, "1072"]), given).status_code == 302
    assert "abc987" not in _get(client, "device", S1)
    assert "abc987" not in json.dumps(list(Entry.objects.values_list("detail", flat=True)))
    with django_capture_on_commit_callbacks(execute=True):
        command = _step(folder, DeviceCommand.objects.get(), "done", now, result="1")
    assert Device.objects.get(mn=S1).password == "abc987"
    assert command.parameters == [["NewPW", "***"]]
    assert "abc987" in folder.devices.read_text("utf-8")


# ---- marks ----------------------------------------------------------------------------------


def test_an_enterprise_declares_ends_and_takes_back_its_own_mark(
    city, observations, arrive, enter, folder, person, at
):
    arrive({0: "1"}, station="outfall:O1")
    client = enter("ent1")
    address = reverse("device-mark", args=[D1])
    given = {
        "kind": "maintenance",
        "factor": "",
        "from_at": "2026-09-22T08:30",
        "reason": "更换泵管",
    }
    assert client.post(address, given | {"to_at": "2026-09-22T08:00"}).status_code == 422
    assert client.post(address, given).status_code == 302
    mark = DataMark.objects.get()
    assert (mark.party, mark.to_at, mark.from_at) == (
        "enterprise",
        None,
        at - timedelta(minutes=30),
    )
    client.post(reverse("mark-end", args=[mark.pk]))
    mark.refresh_from_db()
    assert mark.to_at == at + timedelta(minutes=10)
    client.post(reverse("mark-withdraw", args=[mark.pk]), {"why": "填错设备"})
    mark.refresh_from_db()
    assert mark.withdrawn_why == "填错设备"
    deeds = ["monitoring.declare_mark", "monitoring.end_mark", "monitoring.withdraw_mark"]
    assert (
        list(
            Entry.objects.filter(deed__endswith="_mark")
            .order_by("seq")
            .values_list("deed", flat=True)
        )
        == deeds
    )
    assert observations.since(-1).num_rows == 1  # nothing was removed
    assert enter("west1").post(reverse("mark-end", args=[mark.pk])).status_code == 404


def test_an_enterprise_does_not_touch_what_the_bureau_marked(city, enter, folder, person, at):
    mark = DataMark.objects.create(
        station="outfall:O1", kind="fault", from_at=at, reason="核查发现", party="officer",
        declared_by=person("duty"), declared_at=at,
    )  # fmt: skip
    client = enter("ent1")
    assert "核查发现" in _get(client, "device", D1)
    assert client.post(reverse("mark-withdraw", args=[mark.pk]), {"why": "x"}).status_code == 404
    mark.refresh_from_db()
    assert mark.withdrawn_at is None


# ---- packets --------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["text", "hex", "file"])
def test_a_pasted_packet_is_explained_field_by_field(city, enter, folder, shape):
    from django.core.files.uploadedfile import SimpleUploadedFile

    raw = modbus(upload(S1, 3))
    given = {
        "text": {"text": raw.decode()},
        "hex": {"text": raw.hex(" ")},
        "file": {"file": SimpleUploadedFile("capture.txt", raw * 2)},
    }[shape]
    answer = enter("ent1").post(reverse("packets"), given)
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("有偏差，可修复", "氨氮 实时值", "Modbus CRC-16", "w21003-Rtd", "按附录A应为"):
        assert words in text, words
    assert len(answer.context["views"]) == (2 if shape == "file" else 1)


def test_what_is_no_packet_is_said_to_be_none(city, enter, folder):
    client = enter("duty")
    assert client.post(reverse("packets"), {"text": "  "}).status_code == 422
    text = client.post(reverse("packets"), {"text": "GET / HTTP/1.1\r\n\r\n"}).content.decode()
    assert "不可采信" in text
    assert client.post(reverse("packets"), {"text": "##", "key": "zz"}).status_code == 422
    script = client.post(reverse("packets"), {"text": "##0010<script>alert(1)</script>"})
    assert "<script>alert(1)" not in script.content.decode()


def test_the_quarantine_narrows_by_device_reason_and_day(city, enter, folder, set_aside):
    set_aside(
        [modbus(upload(S1, n)) for n in range(3)],
        mn=S1,
        reason="gateway.repair_not_allowed",
        detail="crc.modbus",
    )
    set_aside(
        [frame(upload(STRANGE, 1))], mn=STRANGE, reason="gateway.unknown_device", detail=STRANGE
    )
    client = enter("duty")
    text = _get(client, "quarantine", reason="gateway.repair_not_allowed")
    assert S1 in text
    assert STRANGE not in text
    assert "校验码是 Modbus CRC-16" in text  # the detail in words
    assert "登记为设备" not in _get(client, "quarantine")  # the register is not the duty officer's
    assert "没有符合条件的包" in _get(client, "quarantine", day="2026-09-01")
    assert client.get(reverse("quarantine-packet", args=[7, 999])).status_code == 404
