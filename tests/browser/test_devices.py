"""A logger that deviates, at the desk and on a phone: seen, explained, let in, asked, marked."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from small_city import AT, small_city

S1, STRANGER = "A37990000000000000000S01", "B37990000000000000000S77"


def _modbus(mn: str, minute: int) -> bytes:
    segment = (
        f"QN=202609220900{minute:02d}000;ST=21;CN=2011;PW=123456;MN={mn};Flag=5;"
        f"CP=&&DataTime=202609220900{minute:02d};w21003-Rtd=0.52,w21003-Flag=N&&"
    ).encode()
    value = 0xFFFF
    for byte in segment:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return b"##%04d%b%04X\r\n" % (len(segment), segment, value)


@pytest.fixture
def now(monkeypatch):
    from qingyuan.web.project import middleware

    moment = AT + timedelta(minutes=10)
    monkeypatch.setattr(middleware._clock, "now", lambda: moment)
    return moment


@pytest.fixture
def deviating(db, tmp_path, settings, now):
    """Two days of 望澜桥 with a night's gap and a maintenance; its packets carry Modbus CRCs now."""
    from qingyuan.core.periods import city_date
    from qingyuan.host.folder import DataFolder
    from qingyuan.store.observations import Observations
    from qingyuan.store.quarantine import Quarantine
    from qingyuan.web.accounts.models import RoleGrant, User
    from qingyuan.web.audit.services import SYSTEM
    from qingyuan.web.monitoring.models import DataMark
    from qingyuan.web.monitoring.services import absorb, count_day
    from qingyuan.web.registry.models import Device
    from qingyuan.web.registry.services import load_city

    settings.FOLDER = DataFolder(tmp_path)
    load_city(small_city(), by=SYSTEM, at=AT)
    Device.objects.update(interval_s=300)
    observations = Observations(settings.FOLDER.store)
    observations.append(
        {
            "station": "section:S1", "factor": factor, "cn": "2011", "suffix": "Rtd", "mn": S1,
            "time": now - timedelta(minutes=minute), "text": text, "unit": "mg/L",
            "flag": "M" if 300 <= minute < 360 else "N",
            "received_at": now - timedelta(minutes=minute) + timedelta(seconds=2),
            "qn": f"{now + timedelta(hours=8) - timedelta(minutes=minute, seconds=-8):%Y%m%d%H%M%S}000",
        }
        for minute in range(5, 60 * 33, 5)
        for factor, text in (("w21003", "0.62"), ("w01001", "7.2"))
        if not 500 < minute < 680
    )  # fmt: skip
    absorb(observations, at=now)
    for back in (1, 0):
        count_day(observations, city_date(now) - timedelta(days=back), at=now)
    duty = User.objects.get(username="duty")
    DataMark.objects.create(
        station="section:S1", kind="maintenance", from_at=now - timedelta(minutes=360),
        to_at=now - timedelta(minutes=300), reason="更换氨氮试剂并冲洗管路，见运维记录 2026-09-22-03",
        party="officer", declared_by=duty, declared_at=now,
    )  # fmt: skip
    RoleGrant.objects.create(
        user=duty, role="department_head", separation="business", granted_by="-", granted_at=AT,
        valid_from=city_date(AT),
    )  # fmt: skip
    Quarantine(settings.FOLDER.store).append(
        {
            "received_at": now - timedelta(minutes=9 - n), "mn": mn, "raw": _modbus(mn, n),
            "reason": reason, "detail": detail, "peer": "10.37.2.19:50312", "verdict": "repaired",
            "segment": 12, "offset": 400 * n + shift,
        }
        for n in range(4)
        for mn, reason, detail, shift in (
            (S1, "gateway.repair_not_allowed", "crc.modbus", 0),
            (STRANGER, "gateway.unknown_device", STRANGER, 200),
        )
    )  # fmt: skip
    lines = {"at": now.isoformat(), "state": "ok", "connections": [
        {"conn": 4, "peer": "10.37.2.19:50312", "mn": [S1], "since": (now - timedelta(hours=9)).isoformat(),
         "last": now.isoformat(), "packets": 365, "accepted": 361, "acknowledged": 361, "quarantined": 4,
         "reasons": {"gateway.repair_not_allowed": 4}},
    ]}  # fmt: skip
    (settings.FOLDER.store / "connections.json").write_text(json.dumps(lines))


def _seen(tab, picture, path, name):
    assert tab.go(path).status == 200
    picture(tab, name)
    tab.fits()
    tab.accessible()
    tab.clean()


PAGES = {
    "sources": "/sources/",
    "device": f"/sources/devices/{S1}/",
    "device-month": f"/sources/devices/{S1}/month/?day=2026-09-22",
    "device-edit": f"/sources/devices/{S1}/record/",
    "device-command": f"/sources/devices/{S1}/command/1062/",
    "device-mark": f"/sources/devices/{S1}/mark/",
    "quarantine": "/sources/quarantine/",
    "quarantine-packet": "/sources/quarantine/12/400/",
    "device-accept": f"/sources/quarantine/accept/?mn={STRANGER}",
}


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_every_page_of_devices_is_seen_whole(signed_in, picture, deviating, size):
    tab = signed_in("duty", size=size)
    for name, path in PAGES.items():
        _seen(tab, picture, path, f"{name}-{size}")


def test_in_english_and_in_the_dark(signed_in, picture, deviating):
    tab = signed_in("duty", language="en", theme="dark")
    for name in ("sources", "device", "quarantine-packet"):
        _seen(tab, picture, PAGES[name], f"{name}-en-dark")


def test_from_the_proposal_to_a_command(signed_in, picture, deviating):
    """Accept what the packets propose, then ask the logger for its interval and see it wait."""
    from qingyuan.web.monitoring.models import DeviceCommand
    from qingyuan.web.registry.models import Device

    tab = signed_in("duty")
    tab.go(PAGES["device"])
    tab.page.fill("input[name=reason]", "厂商函告：固件用 Modbus CRC")
    tab.page.get_by_role("button", name="接受建议").click()
    tab.page.wait_for_load_state()
    assert Device.objects.get(mn=S1).crc == ["standard", "modbus"]
    assert tab.page.get_by_role("button", name="接受建议").count() == 0
    tab.page.get_by_role("link", name="提取实时数据间隔").click()
    tab.page.fill("textarea[name=reason]", "核对上报间隔")
    tab.page.get_by_role("button", name="下发").click()
    tab.page.wait_for_selector("#device-commands tr >> text=待下发")
    DeviceCommand.objects.update(state="done", result="1", answer="RtdInterval=300", answers=1)
    tab.page.wait_for_selector("#device-commands >> text=RtdInterval=300", timeout=9000)
    picture(tab, "device-commanded-desk")
    tab.clean()


def test_a_packet_is_pasted_and_read(signed_in, picture, deviating):
    tab = signed_in("duty")
    tab.go("/packets/")
    picture(tab, "packets-empty-desk")
    tab.page.fill("textarea[name=text]", _modbus(S1, 3).decode() + "##0012ST=21&&&&ZZZZ")
    tab.page.get_by_role("button", name="解读").first.click()
    tab.page.wait_for_selector("#packet-1")
    assert "Modbus" in tab.page.locator("#packet-1").inner_text()
    picture(tab, "packets-desk")
    tab.fits()
    tab.accessible()
    tab.clean()
