"""Kill -9 in the middle of work: nothing acknowledged is lost, nothing is done twice or by half."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from living_city import LivingCity, Visitor, eventually

pytestmark = pytest.mark.slow
_ALARMS = "select count(*) from signals_signal where kind = 'exceedance' and factor = %s"


def _alarm(city: LivingCity, factor: str) -> int:
    return eventually(
        lambda: city.ask(_ALARMS, factor) and city.ask(
            "select id from signals_signal where kind = 'exceedance' and factor = %s", factor
        ),
        what=f"an alarm for {factor}",
    )  # fmt: skip


def test_a_worker_killed_while_it_absorbs_loses_and_doubles_nothing(city: LivingCity) -> None:
    with city.no_writes_to("signals_signal") as somebody_waits:
        qns = city.send("w20123", "10.0", "11.0", "12.0")
        eventually(somebody_waits, what="the worker in the middle of absorbing")
        city.kill("qingyuan.web.worker")
    _alarm(city, "w20123")
    more = city.send("w20123", "13.0")
    latest = "select text from monitoring_latest where station = %s and factor = %s"
    eventually(lambda: city.ask(latest, "section:S1", "w20123") == "13.0", what="the latest value")
    assert city.ask(_ALARMS, "w20123") == 1
    raised = (
        "select count(*) from audit_entry where deed = 'signals.raise'"
        " and detail->>'factor' = 'w20123'"
    )
    assert city.ask(raised) == 1
    assert set(city.stored(qns + more).values()) == {1}
    assert city.audit_is_whole()


def test_a_trace_whose_worker_was_killed_is_traced_by_the_next_one(city: LivingCity) -> None:
    with city.no_writes_to("tracing_trace") as somebody_waits:
        city.send("w22001", "1.0", "1.1")
        eventually(somebody_waits, what="the job in the middle of its work")
        city.kill("qingyuan.web.worker")
    alarm = _alarm(city, "w22001")
    finished = "select count(*) from tracing_trace where signal_id = %s and finished_at is not null"
    eventually(lambda: city.ask(finished, alarm), what="the trace")
    assert city.ask("select count(*) from tracing_trace where signal_id = %s", alarm) == 1


def test_pages_killed_during_a_deed_leave_it_undone_and_it_can_be_done_again(
    city: LivingCity,
) -> None:
    city.send("w20122", "10.0", "11.0")
    alarm = _alarm(city, "w20122")
    officer = city.signed_in("duty")
    of_alarm = "select count(*) from cases_case where origin_ref = %s"
    entries = city.ask("select count(*) from audit_entry where target = %s", f"signal:{alarm}")
    with city.no_writes_to("audit_entry") as somebody_waits:
        answer = _in_the_background(officer, f"/signals/{alarm}/case/")
        eventually(somebody_waits, what="the deed in the middle of its writing")
        city.kill("gunicorn")
        answer()
    eventually(city.answers, what="the pages")
    assert city.ask(of_alarm, f"signal:{alarm}") == 0
    assert city.ask("select case_ref from signals_signal where id = %s", alarm) == ""
    assert (
        city.ask("select count(*) from audit_entry where target = %s", f"signal:{alarm}") == entries
    )
    done = officer.ask(f"/signals/{alarm}/case/", {})  # the session outlived the server
    assert done.status == 302, done.text[:400]
    assert city.ask(of_alarm, f"signal:{alarm}") == 1
    assert city.audit_is_whole()


def _in_the_background(visitor: Visitor, path: str) -> Callable[[], None]:
    def send() -> None:
        with suppress(OSError, http.client.HTTPException):  # the server is killed under it
            visitor.ask(path, {})

    thread = threading.Thread(target=send)
    thread.start()
    return thread.join


def test_a_killed_database_comes_back_and_nothing_is_lost_meanwhile(city: LivingCity) -> None:
    officer = city.signed_in("duty")
    assert officer.ask("/signals/").status == 200
    before = city.ask("select count(*) from audit_entry")
    city.kill("postgres -D")
    qns = city.send("w21019", "2.0", "2.1")  # the gateway needs no database
    seen = []

    def recovered() -> bool:
        page = officer.ask("/signals/")
        if page.status != 200:
            seen.append(page)
        return page.status == 200

    eventually(recovered, what="the console after the database was killed")
    for page in seen:
        assert page.status == 503, page.text[:500]
        assert "暂时不能提供服务" in page.text
        assert re.search(r"编号 [0-9a-f]{8}", page.text)
    _alarm(city, "w21019")
    assert city.ask(_ALARMS, "w21019") == 1
    assert set(city.stored(qns).values()) == {1}
    assert city.ask("select count(*) from audit_entry") > before
    assert city.audit_is_whole()


def test_ctrl_c_leaves_no_process_and_the_next_start_goes_on(city: LivingCity) -> None:
    alarms = city.ask("select count(*) from signals_signal")
    entries = city.ask("select count(*) from audit_entry")
    assert city.stop() == 0
    assert city.left_behind() == []
    city.start()
    assert any("is ready" in line for line in city.said)
    assert city.ask("select count(*) from signals_signal") >= alarms > 0
    assert city.ask("select count(*) from audit_entry") >= entries
    eventually(city.answers, what="the pages", seconds=10)
    assert city.audit_is_whole()
