"""The report of a trace as a file (溯源报告): docx to go on writing in, PDF to hand out."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.periods import city_date, in_city
from qingyuan.core.quantities import plain
from qingyuan.reporting import TraceCurve, TraceFacts, TraceSuspect, trace_report
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.printing import docx_of, pdf_of
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Section
from qingyuan.web.registry.models.geometry import in_language
from qingyuan.web.tracing import drawn, selectors
from qingyuan.web.tracing.models import Trace

__all__ = ["report_file"]

_SUSPECTS, _CURVES, _POINTS = 6, 2, 40


@transaction.atomic
def report_file(trace: Trace, *, kind: str, by: User, at: datetime) -> bytes:
    """Return the report of an answered trace as ``pdf`` or ``docx``; its digest is on record.

    Raises
    ------
    Problem
        ``printing.not_printed`` when the typesetter refuses.
    """
    language = "en" if (get_language() or "").startswith("en") else "zh"
    number = f"SY{city_date(trace.detected_at):%Y%m%d}-{trace.signal_id}-{trace.round}"
    document = trace_report(_facts(trace, by=by, at=at), number=number, language=language)
    make = pdf_of if kind == "pdf" else docx_of
    content = make(document, day=city_date(at), signed_on=None)
    audit.record(
        actor=Actor.of(by),
        deed="tracing.report",
        target=trace.signal.ref,
        at=at,
        detail={
            "number": number,
            "kind": kind,
            "sha256": hashlib.sha256(content).hexdigest(),
            "inputs": trace.inputs_sha256,
        },
    )
    return content


def _facts(trace: Trace, *, by: User, at: datetime) -> TraceFacts:
    signal, answer = trace.signal, trace.answer or {}
    english = (get_language() or "").startswith("en")
    section = Section.objects.filter(code=signal.object_code).first()
    city = registry.city()
    factor = factor_of(signal.factor)
    found = drawn.drawings_of(trace)
    named = selectors.names_of(answer.get("set90", []))
    caveats = answer.get("caveats_en" if english else "caveats") or answer.get("caveats", [])
    return TraceFacts(
        issuer=_("%(city)s生态环境局")
        % {"city": in_language(city.name_zh, city.name_en) if city else ""},
        section=section.name if section else signal.object_code,
        factor=in_language(factor.zh, factor.en),
        value=f"{signal.value_text} {signal.unit}".strip(),
        limit=signal.limit_text,
        clause=signal.clause,
        first_at=signal.first_at,
        data_until=trace.detected_at,
        round=trace.round,
        headline=selectors.headline(trace),
        set90=tuple(named.values()),
        none=answer.get("none", 0.0),
        several=answer.get("several", 0.0),
        suspects=tuple(
            _suspect(s) for s in selectors.suspects(trace, most=_SUSPECTS, english=english)
        ),
        curves=tuple(_curves(trace, found)),
        samples=len(selectors.samples_of(signal)),
        next_sample=_next(trace),
        caveats=tuple(selectors.in_words(caveats)),
        sha256=trace.inputs_sha256,
        seed=trace.seed,
        version=trace.version,
        who=str(by),
        at=at,
    )


def _suspect(row: selectors.Suspect) -> TraceSuspect:
    span = row.release
    return TraceSuspect(
        name=row.name,
        enterprise=row.enterprise,
        probability=row.involved,
        release=(span["p05"], span["p95"]) if span else None,
        bits=tuple(row.bits),
    )


def _curves(trace: Trace, found: drawn.Drawn | None) -> list[TraceCurve]:
    """Return the alarmed section and the one above it, for the likeliest suspect, thinned."""
    curves = (found or {}).get("curves", {})
    likeliest = selectors.suspects(trace, most=_SUSPECTS)
    code = next((s.code for s in likeliest if s.code in curves), None)
    if code is None or not curves[code]["sections"]:
        return []
    told = curves[code]
    sections = told["sections"]
    alarmed = next((i for i, s in enumerate(sections) if s["alarmed"]), 0)
    outfall = selectors.names_of([code])[code]
    names = dict(Section.objects.values_list("code", "name_zh"))
    times = [datetime.fromisoformat(t) for t in told["times"]]
    step = max(1, len(times) // _POINTS)
    limit = trace.signal.limit
    return [
        TraceCurve(
            section=names.get(s["section_id"], s["section_id"]),
            outfall=outfall,
            times=tuple(times[::step]),
            measured=tuple(_measured(s["readings"], times, step)),
            low=tuple(s["p05"][::step]),
            median=tuple(s["median"][::step]),
            high=tuple(s["p95"][::step]),
            unit=told["unit"],
            limit=plain(limit) if limit is not None and s["alarmed"] else "",
        )
        for s in sections[max(0, alarmed - _CURVES + 1) : alarmed + 1]
    ]


def _measured(
    readings: list[dict[str, Any]], times: list[datetime], step: int
) -> list[float | None]:
    """Return the mean of the readings nearest each printed instant; None where there is none."""
    width = (times[step] - times[0]) / 2 if len(times) > step else times[-1] - times[0]
    held = [
        (datetime.fromisoformat(r["time"]), r["value"]) for r in readings if r["value"] is not None
    ]
    rows: list[float | None] = []
    for at in times[::step]:
        near = [v for t, v in held if at - width <= t < at + width]
        rows.append(sum(near) / len(near) if near else None)
    return rows


def _next(trace: Trace) -> dict[str, str] | None:
    row = selectors.next_sample(trace)
    if row is None:
        return None
    return {
        "river": row["river"],
        "reach": row["reach_id"],
        "position": f"{row['position_m']:.0f}",
        "time": f"{in_city(row['time']):%m-%d %H:%M}",
        "factor": row["factor_name"],
        "bits": f"{row['expected_bits']:.2f}",
    }
