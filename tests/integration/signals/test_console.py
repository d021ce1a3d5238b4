from __future__ import annotations

import pytest
from django.urls import reverse

from qingyuan.web.signals import services
from qingyuan.web.signals.models import Signal, Silence

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, person, found, at):
    services.observe(finding=found(), at=at)

    def enter(username: str):
        client.force_login(person(username))
        return client

    return enter


def _page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def test_the_console_shows_value_limit_clause_and_state(signed_in):
    text = _page(signed_in("duty"), "signals").content.decode()
    for words in (
        "望澜桥",
        "氨氮",
        "1.34",
        "mg/L",
        "≤1 mg/L",
        "0.34",
        "GB 3838-2002 表1",
        "活动·未确认",
        "东山区",
    ):
        assert words in text, words


def test_live_answers_nothing_until_something_changed(signed_in, found, at):
    client = signed_in("duty")
    first = _page(client, "signals-live")
    assert first.status_code == 200
    assert 'id="signals-list"' in first.content.decode()
    mark = first.headers["X-Live-Since"]
    assert _page(client, "signals-live", since=mark).status_code == 204
    services.observe(finding=found(5), at=at)
    repeat = _page(client, "signals-live", since=mark)
    assert repeat.status_code == 200
    assert "data-say" not in repeat.content.decode()  # a repeat is shown, not announced
    services.observe(finding=found(factor="w01018"), at=at)
    assert "新告警 1 条" in _page(client, "signals-live", since=mark).content.decode()


def test_acknowledge_false_and_case_by_plain_posts(signed_in, found, at):
    client, row = signed_in("duty"), Signal.objects.get()
    client.post(reverse("signal-acknowledge", args=[row.pk]))
    row.refresh_from_db()
    assert row.acknowledged_by.username == "duty"
    refused = client.post(reverse("signal-false", args=[row.pk]), {"false-reason": ""})
    assert refused.status_code == 422
    assert "请写明误报理由" in refused.content.decode()
    answer = client.post(reverse("signal-case", args=[row.pk]))
    row.refresh_from_db()
    assert row.case_number in answer.headers["Location"]
    again = client.post(reverse("signal-false", args=[row.pk]), {"false-reason": "误"})
    assert again.status_code == 422
    assert row.case_number in again.content.decode()


def test_ticked_rows_are_acknowledged_together(signed_in, found, at):
    services.observe(finding=found(factor="w01018"), at=at)
    client = signed_in("duty")
    client.post(
        reverse("signals-acknowledge"),
        {"signal": list(Signal.objects.values_list("pk", flat=True))},
    )
    assert Signal.objects.filter(acknowledged_at=None).count() == 0


def test_a_silence_is_set_listed_and_ended(signed_in):
    client, row = signed_in("duty"), Signal.objects.get()
    client.post(
        reverse("signal-silence", args=[row.pk]), {"silence-hours": "4", "silence-reason": "检修"}
    )
    window = Silence.objects.get()
    assert "检修" in _page(client, "silences").content.decode()
    client.post(reverse("silence-end", args=[window.pk]))
    window.refresh_from_db()
    assert window.ended_by.username == "duty"


def test_out_of_scope_is_not_there(signed_in):
    row = Signal.objects.get()
    client = signed_in("west1")
    assert _page(client, "signal", row.pk).status_code == 404
    assert client.post(reverse("signal-acknowledge", args=[row.pk])).status_code == 404
    assert "望澜桥" not in _page(client, "signals").content.decode()


@pytest.mark.parametrize("username", ["ent1", "admin1"])
def test_who_handles_no_business_has_no_console(signed_in, username):
    assert _page(signed_in(username), "signals").status_code == 404


def test_a_report_by_hand(signed_in):
    client = signed_in("east1")
    assert (
        client.post(
            reverse("signal-report"), {"section": "S1", "level": "3", "note": ""}
        ).status_code
        == 422
    )
    client.post(reverse("signal-report"), {"section": "S1", "level": "3", "note": "河水发黑"})
    assert Signal.objects.get(kind="manual").note == "河水发黑"


def test_empty_tabs_say_what_will_appear(signed_in):
    assert (
        "没有符合条件的告警" in _page(signed_in("duty"), "signals", state="false").content.decode()
    )
