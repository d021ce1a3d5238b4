"""Run one trace: build the event, write its folder, let the tracer answer, keep the answer."""

from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction

from qingyuan import river
from qingyuan.core.problems import Problem, Problems
from qingyuan.host.processes import peak_memory_mb
from qingyuan.store.observations import Observations
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.tracing.events import event_of
from qingyuan.web.tracing.models import Trace
from qingyuan.web.tracing.services.drawings import draw

__all__ = ["run_trace"]

_log = logging.getLogger("qingyuan.tracing")


def run_trace(*, trace_id: str, at: datetime, observations: Observations | None = None) -> Trace:
    """Answer one queued trace; a trace already answered is returned unchanged (a job may run twice).

    The event folder is written before the tracer runs, so that any answer, and any failure, can be
    replayed with ``qingyuan trace``.
    """
    with transaction.atomic():
        trace = (
            Trace.objects.select_for_update().select_related("signal").get(pk=uuid.UUID(trace_id))
        )
        if trace.state in (Trace.State.DONE, Trace.State.FAILED):
            return trace
        trace.state = Trace.State.RUNNING
        trace.save(update_fields=["state"])
    store = observations or Observations(settings.FOLDER.store)
    try:
        event = event_of(trace.signal, detected_at=trace.detected_at, observations=store)
        folder = settings.FOLDER.events / trace.folder_name
        river.write_event(event, folder)
        began = time.perf_counter()
        inquiry = river.investigate(river.read_event(folder), seed=trace.seed)
        answer = inquiry.trace.as_json()
        answer["seconds"] = round(time.perf_counter() - began, 2)
        answer["peak_mb"] = peak_memory_mb()
        draw(inquiry, folder)
    except (Problem, Problems) as problem:
        _log.warning("trace_failed trace=%s problem=%s", trace_id, problem)
        return _finish(trace, at=at, problem=problem)
    return _finish(trace, at=at, answer=answer)


@transaction.atomic
def _finish(
    trace: Trace,
    *,
    at: datetime,
    answer: dict[str, object] | None = None,
    problem: Problem | Problems | None = None,
) -> Trace:
    trace = Trace.objects.select_for_update().select_related("signal").get(pk=trace.pk)
    trace.finished_at = at
    if answer is not None:
        trace.state, trace.answer = Trace.State.DONE, answer
        trace.inputs_sha256 = str(answer.get("inputs_sha256", ""))
        trace.version = str(answer.get("version", ""))[:40]
    else:
        first = problem.problems[0] if isinstance(problem, Problems) else problem
        trace.state, trace.problem_zh, trace.problem_en = Trace.State.FAILED, first.zh, first.en
    trace.save()
    audit.record(
        actor=SYSTEM,
        deed="tracing.answer",
        target=trace.signal.ref,
        at=at,
        detail={"trace": str(trace.pk), "state": trace.state, "inputs_sha256": trace.inputs_sha256},
    )
    return trace
