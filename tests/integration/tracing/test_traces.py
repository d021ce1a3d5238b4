"""An alarm becomes an event folder, an answer, and what people do with it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError
from django.urls import reverse

from qingyuan import river
from qingyuan.core.periods import in_city
from qingyuan.web.accounts.models import User
from qingyuan.web.registry.models import Outfall
from qingyuan.web.signals.models import Signal
from qingyuan.web.tracing import selectors, services
from qingyuan.web.tracing.events import event_of
from qingyuan.web.tracing.models import GrabSample, Trace


def test_a_new_exceedance_is_traced_without_being_asked(bureau, signal):
    trace = signal.traces.get()
    assert trace.state == Trace.State.DONE
    assert trace.answer["candidates"][0]["outfall_id"] == bureau.incident.release.outfall_id
    total = (
        sum(c["probability"] for c in trace.answer["candidates"])
        + trace.answer["rest"]
        + trace.answer["none"]
        + trace.answer["several"]
    )
    assert total == pytest.approx(1, abs=1e-6)


def test_the_kept_folder_replays_to_the_same_answer(bureau, signal):
    trace = signal.traces.get()
    event = river.read_event(bureau.folder.events / trace.folder_name)
    again = river.trace(event, seed=trace.seed).as_json()
    assert again["inputs_sha256"] == trace.inputs_sha256
    assert [c["probability"] for c in again["candidates"]] == [
        c["probability"] for c in trace.answer["candidates"]
    ]


def test_nothing_later_than_the_alarm_is_in_the_event(bureau, signal):
    from qingyuan.store.observations import Observations

    trace = signal.traces.get()
    event = event_of(
        signal, detected_at=trace.detected_at, observations=Observations(bureau.folder.store)
    )
    assert max(r.time for r in event.readings) < trace.detected_at
    assert {r.section_id for r in event.readings} == {"S1", "S2"}
    assert min(r.time for r in event.readings) > trace.detected_at - timedelta(days=10)


def test_an_alarmed_factor_without_a_row_of_parameters_is_traced_as_conservative(bureau, signal):
    from qingyuan.store.observations import Observations

    signal.factor = "w22001"
    event = event_of(signal, detected_at=bureau.at, observations=Observations(bureau.folder.store))
    assert event.factors["w22001"].decay_per_day == 0


def test_two_clicks_ask_once_and_a_grab_sample_asks_again(bureau, signal):
    first = services.request_trace(signal=signal, at=bureau.at, why="人工重新溯源")
    second = services.request_trace(signal=signal, at=bureau.at, why="人工重新溯源")
    assert first.pk == second.pk
    bureau.passes(minutes=1)
    bureau.officer.sends(
        reverse("trace-sample", args=[signal.pk]),
        reach_code="R3",
        position_m="500",
        taken_at=f"{in_city(bureau.at - timedelta(minutes=5)):%Y-%m-%dT%H:%M}",
        factor="w21003",
        value="1.60",
    )
    assert GrabSample.objects.get().value == Decimal("1.60")
    bureau.passes(minutes=1)
    assert selectors.newest_answer(signal).round == 3


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reach_code": "R9"}, "tracing.no_such_reach"),
        ({"position_m": 99_999}, "tracing.off_reach"),
        ({"taken_at": timedelta(hours=1)}, "tracing.sample_in_future"),
    ],
)
def test_a_sample_that_cannot_be_is_not_kept(bureau, signal, given, code, raises_problem):
    sample = {
        "reach_code": "R3",
        "position_m": 10.0,
        "taken_at": bureau.at,
        "factor": "w21003",
        "value": Decimal(1),
    } | given
    if isinstance(sample["taken_at"], timedelta):
        sample["taken_at"] = bureau.at + sample["taken_at"]
    with raises_problem(code):
        services.enter_sample(
            signal=signal, by=User.objects.get(username="officer"), at=bureau.at, **sample
        )
    assert not GrabSample.objects.exists()


def test_only_what_rose_at_a_section_is_traced(bureau, signal, raises_problem):
    signal.kind = Signal.Kind.DECLINE
    signal.save()
    with raises_problem("tracing.not_traceable"):
        services.request_trace(signal=signal, at=bureau.at, why="x")


def test_a_case_on_a_suspect_says_how_likely_and_is_opened_once(bureau, signal, raises_problem):
    duty = User.objects.get(username="duty")
    case = services.open_case_on(signal=signal, outfall_code="O2", by=duty, at=bureau.at)
    assert case.enterprise_id == "E2"
    assert "概率" in case.summary
    with raises_problem("signals.has_case"):
        services.open_case_on(signal=signal, outfall_code="O1", by=duty, at=bureau.at)
    with raises_problem("tracing.not_a_suspect"):
        services.open_case_on(signal=signal, outfall_code="nowhere", by=duty, at=bureau.at)


def test_an_outfall_that_ended_before_is_no_suspect(bureau, signal):
    from qingyuan.store.observations import Observations

    def names() -> set[str]:
        event = event_of(
            signal, detected_at=bureau.at, observations=Observations(bureau.folder.store)
        )
        rows = (event.outfalls, event.profiles, event.online)
        return {row.outfall_id for part in rows for row in part}

    assert "O1" in names()
    Outfall.objects.filter(code="O1").update(ended_on=bureau.at.date() - timedelta(days=60))
    assert "O1" not in names()


def test_a_step_is_traced_when_somebody_asks(bureau, signal):
    Signal.objects.filter(pk=signal.pk).update(kind=Signal.Kind.STEP)
    trace = services.request_trace(signal=signal, at=bureau.at, why="x")
    bureau.passes(minutes=1)
    trace.refresh_from_db()
    assert trace.state == Trace.State.DONE
    bureau.duty.sees(reverse("signal", args=[signal.pk]), "溯源")


def test_a_tracer_that_cannot_answer_says_why(bureau, signal, monkeypatch):
    from qingyuan.core.problems import Problem

    def refuse(*_: object, **__: object) -> None:
        raise Problem("river.cycle", file="reaches.csv", row=2, reaches="R1")

    monkeypatch.setattr(river, "investigate", refuse)
    trace = services.request_trace(signal=signal, at=bureau.at, why="x")
    bureau.passes(minutes=1)
    trace.refresh_from_db()
    assert trace.state == Trace.State.FAILED
    assert trace.problem_zh
    bureau.duty.sees(reverse("trace", args=[signal.pk]), "没有完成")


def test_a_job_cut_off_takes_up_its_round_again(bureau, signal, monkeypatch):
    from qingyuan.web.tracing import tasks

    def cut_off(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as fault:
        fault.setattr("qingyuan.web.tracing.services.running.event_of", cut_off)
        with pytest.raises(OperationalError):
            tasks.trace_signal.func(signal_id=signal.pk)
    tasks.trace_signal.func(signal_id=signal.pk)
    assert [t.state for t in signal.traces.order_by("round")] == ["done", "done"]


def test_the_page_answers_every_reader_of_the_alarm(bureau, signal):
    bureau.duty.sees(
        reverse("trace", args=[signal.pk]), "嫌疑排污口", "下一个样", "望澜精细化工有限公司"
    )
    assert bureau.duty.gets(reverse("trace-suspects", args=[signal.pk])).json()["features"]
    upstream = bureau.duty.gets(reverse("trace-rivers", args=[signal.pk])).json()["features"]
    assert {f["properties"]["code"] for f in upstream if f["properties"]["upstream"]} == {
        "R1",
        "R2",
        "R3",
    }
    mark = f"{signal.traces.get().round}-done"
    assert (
        bureau.duty.gets(f"{reverse('trace-live', args=[signal.pk])}?since={mark}").status_code
        == 204
    )
    bureau.chemicals.may_not_see(reverse("trace", args=[signal.pk]))
    bureau.audit.may_not_see(reverse("trace", args=[signal.pk]))
