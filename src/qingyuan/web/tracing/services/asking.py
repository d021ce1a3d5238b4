"""Ask for a trace, or enter a grab sample and ask again; the worker runs it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from procrastinate.contrib.django import app as jobs

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.cases.models import Case
from qingyuan.web.registry.models import Outfall, RiverReach
from qingyuan.web.signals.models import Signal
from qingyuan.web.signals.services import to_case
from qingyuan.web.tracing.models import GrabSample, Trace
from qingyuan.web.ui.templatetags.ui import probability

__all__ = ["enter_sample", "open_case_on", "request_trace"]

_CLAUSE = "断面超标预警溯源功能"


@transaction.atomic
def request_trace(
    *, signal: Signal, at: datetime, why: str, by: Actor = SYSTEM, enqueue: bool = True
) -> Trace:
    """Ask for the next round of tracing of an exceedance or a step at a section, as of *at*.

    A round still queued is returned as it is: two clicks ask once.
    """
    locked = Signal.objects.select_for_update().get(pk=signal.pk)
    if not locked.is_traceable:
        raise Problem("tracing.not_traceable", what=str(locked))
    # A job that runs again after a fault takes up the round it had begun.
    unfinished = [Trace.State.QUEUED] if enqueue else [Trace.State.QUEUED, Trace.State.RUNNING]
    waiting = locked.traces.filter(state__in=unfinished).order_by("round").first()
    if waiting is not None:
        return waiting
    last = locked.traces.aggregate(n=Max("round"))["n"] or 0
    trace = Trace.objects.create(
        signal=locked,
        round=last + 1,
        why=why,
        requested_by=by.label,
        requested_at=at,
        detected_at=at,
        seed=locked.pk % 2_000_000_000,
    )
    audit.record(
        actor=by,
        deed="tracing.request",
        target=locked.ref,
        at=at,
        clause=_CLAUSE,
        detail={"trace": str(trace.pk)},
    )
    if enqueue:
        jobs.configure_task("tracing.run", queueing_lock=str(trace.pk)).defer(
            trace_id=str(trace.pk)
        )
    return trace


@transaction.atomic
def enter_sample(
    *,
    signal: Signal,
    reach_code: str,
    position_m: float,
    taken_at: datetime,
    factor: str,
    value: Decimal,
    by: User,
    at: datetime,
) -> Trace:
    """Keep a grab sample and trace again with it.

    Raises
    ------
    Problem
        ``tracing.no_such_reach``, ``tracing.off_reach``, ``tracing.sample_in_future``; nothing is kept.
    """
    reach = RiverReach.objects.filter(code=reach_code).first()
    if reach is None:
        raise Problem("tracing.no_such_reach", given=reach_code)
    if not 0 <= position_m <= reach.length_m:
        raise Problem(
            "tracing.off_reach",
            given=round(position_m),
            reach=reach_code,
            length=round(reach.length_m),
        )
    if taken_at > at:
        raise Problem("tracing.sample_in_future", given=taken_at.isoformat(timespec="minutes"))
    sample = GrabSample.objects.create(
        signal=signal,
        reach_code=reach_code,
        position_m=position_m,
        taken_at=taken_at,
        factor=factor,
        value=value,
        entered_by=by,
        entered_at=at,
    )
    audit.record(
        actor=Actor.of(by),
        deed="tracing.enter_sample",
        target=signal.ref,
        at=at,
        clause=_CLAUSE,
        detail={
            "sample": sample.pk,
            "reach": reach_code,
            "position_m": position_m,
            "factor": factor,
            "value": str(value),
        },
    )
    return request_trace(
        signal=signal, at=at, why=f"加密采样 {reach_code}+{position_m:.0f} m", by=Actor.of(by)
    )


@transaction.atomic
def open_case_on(*, signal: Signal, outfall_code: str, by: User, at: datetime) -> Case:
    """Open a case on the outfall a person takes for the source (据溯源建案); the person decides.

    The case says with what probability the newest trace has it take part, alone or among several.

    Raises
    ------
    Problem
        ``tracing.not_a_suspect`` if no answer names the outfall; what `to_case` raises.
    """
    trace = signal.traces.filter(state=Trace.State.DONE).order_by("-round").first()
    rows = (trace.answer or {}).get("candidates", []) if trace else []
    row = next((r for r in rows if r["outfall_id"] == outfall_code), None)
    outfall = Outfall.objects.filter(code=outfall_code).first()
    if trace is None or row is None or outfall is None:
        raise Problem("tracing.not_a_suspect", given=outfall_code)
    because = (
        f"溯源第 {trace.round} 轮：{outfall.name_zh}参与排放的概率 {probability(row['involved'])}"
        f"（单独排放 {probability(row['probability'])}；由 {by.name} 据此建案，待现场核实）。"
    )
    return to_case(signal, by=by, at=at, suspect=outfall_code, because=because)
