"""Devices: the list and its export, one device's page, its month, its packets set aside."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from qingyuan.core.periods import Period, city_date, day_of
from qingyuan.core.problems import Problem
from qingyuan.web.audit.services import Actor
from qingyuan.web.monitoring import selectors, services
from qingyuan.web.monitoring.models import DataMark, DeviceCommand
from qingyuan.web.monitoring.selectors import commands as asked
from qingyuan.web.monitoring.selectors import completeness, devices, dialogues, proposal
from qingyuan.web.monitoring.selectors.charts import observations_in
from qingyuan.web.monitoring.selectors.connections import connections
from qingyuan.web.monitoring.selectors.quarantine import reason_name
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Device
from qingyuan.web.signals import selectors as signals

HOURS = (24, 168)
MARKERS = frozenset({"duty_officer", "district_officer", "department_head", "enterprise"})
_LEAST = 3  # an accuracy of the clock that is worth a word, in seconds
_SORTS = {
    "name": lambda r: (r.kind, r.name),
    "heard": lambda r: (r.heard_at is None, r.heard_at),
    "lag": lambda r: -(r.lag_s or 0),
    "gaps": lambda r: -(r.today.gaps if r.today else 0),
    "aside": lambda r: -r.set_aside,
    "together": lambda r: (r.month.together is None, r.month.together),
}


def english() -> bool:
    """Whether the reader reads English."""
    return (get_language() or "").startswith("en")


def device_of(request: HttpRequest, mn: str) -> Device:
    """Return a device the person may see, or 404."""
    return get_object_or_404(selectors.devices_seen(request.scope), mn=mn)


def _rows(request: HttpRequest) -> tuple[list[selectors.DeviceRow], dict[str, int], dict[str, str]]:
    given = {
        name: request.GET.get(name, "").strip()
        for name in ("state", "text", "kind", "dialect", "sort")
    }
    rows = selectors.device_rows(
        selectors.devices_seen(request.scope), at=request.at, store=settings.FOLDER.store
    )
    counts = {state: sum(r.state == state for r in rows) for state in devices.STATES}
    text = given["text"].casefold()
    kept = [
        r
        for r in rows
        if given["state"] in ("", r.state)
        and given["kind"] in ("", r.device.station.partition(":")[0])
        and given["dialect"] in ("", r.device.dialect)
        and (not text or text in f"{r.name} {r.device.mn} {r.device.station}".casefold())
    ]
    if given["sort"] in _SORTS:
        kept.sort(key=_SORTS[given["sort"]])
    return kept, counts, given


def sources(request: HttpRequest) -> HttpResponse:
    """List devices: heard or not, late, complete, deviating."""
    rows, counts, given = _rows(request)
    query = request.GET.copy()
    for name in ("sort", "page"):
        query.pop(name, None)
    month = city_date(request.at).replace(day=1)
    context = {
        "page": Paginator(rows, 100).get_page(request.GET.get("page")),
        "counts": counts,
        "total": sum(counts.values()),
        "given": given,
        "kept": query.urlencode(),
        "query": request.GET.urlencode(),
        "states": [(name, said[0], counts[name]) for name, said in devices.STATES.items()],
        "kinds": devices._KINDS.items(),
        "dialects": devices.DIALECTS.items(),
        "follower": selectors.follower(),
        "lines": connections(settings.FOLDER.store),
        "definition": completeness.definition_on(month),
        "english": english(),
    }
    return render(request, "monitoring/sources.html", context)


def export(request: HttpRequest) -> HttpResponse:
    """Answer the rows on screen as CSV, same filter, same order; who took it is written down."""
    rows, _counts, _given = _rows(request)
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(
        [
            _("设备 MN"), _("站点"), _("站点编号"), _("状态"), _("最近收到"), _("延迟（s）"), _("协议"),
            _("间隔（s）"), _("今日缺口（段）"), _("今日隔离（包）"), _("本月应收（次）"), _("本月实收（次）"),
            _("传输率"), _("有效率"), _("传输有效率"),
        ]
    )  # fmt: skip
    for r in rows:
        sheet.writerow(
            [
                _plain(r.device.mn), _plain(r.name), r.code, r.says, r.heard_at and r.heard_at.isoformat(),
                "" if r.lag_s is None else f"{r.lag_s:.0f}", r.dialect, r.device.interval_s,
                r.today.gaps if r.today else "", r.set_aside, r.month.expected, r.month.received,
                *(f"{x:.4f}" if x is not None else "" for x in (r.month.transmission, r.month.validity, r.month.together)),
            ]
        )  # fmt: skip
    services.record_export(
        by=Actor.of(request.user), at=request.at, query=request.GET.urlencode(), rows=len(rows)
    )
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="devices-{request.at:%Y%m%d}.csv"'
    return answer


def _plain(text: str) -> str:
    """Return text that no spreadsheet takes for a formula; an MN comes from outside."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _hours(request: HttpRequest) -> int:
    given = request.GET.get("hours", "")
    return int(given) if given.isdecimal() and int(given) in HOURS else HOURS[0]


def commands_context(request: HttpRequest, device: Device) -> dict[str, object]:
    """Return what the live part about commands shows."""
    found = DeviceCommand.objects.filter(device=device).select_related(
        "requested_by__unit", "cancelled_by", "device"
    )
    rows = asked.command_rows(found.order_by("-requested_at", "-pk")[:20], wall=timezone.now())
    return {
        "commands": rows,
        "mark": "-".join(f"{r.command.pk}{r.command.state[:3]}{r.command.answers}" for r in rows)
        or "none",
        "may_cancel": asked.may_command(request.scope, "read"),
        "device": device,
    }


def device(request: HttpRequest, mn: str) -> HttpResponse:
    """Show one device: how it stands, its time line, its policy, what is asked, what is marked."""
    return device_page(request, device_of(request, mn))


def device_page(
    request: HttpRequest, found: Device, *, problem: Problem | None = None
) -> HttpResponse:
    """Render a device's page; with a *problem*, the deed that could not be done says why."""
    mn, hours = found.mn, _hours(request)
    store = settings.FOLDER.store
    lines = connections(store)
    marks = list(selectors.marks_of(found.station))
    row = selectors.device_rows([found], at=request.at, store=store, lines=lines)[0]
    strip = devices.strip_of(observations_in(store), found, at=request.at, hours=hours, marks=marks)
    keeps = bool(request.scope.roles & devices.KEEPERS)
    staff = request.scope.staff
    heard = proposal.hear(proposal.packets_of(store, mn, at=request.at), habit=lines.habits.get(mn))
    context = {
        **(commands_context(request, found) if staff else {}),
        "device": found,
        "row": row,
        "strip": strip,
        "hours": hours,
        "ranges": HOURS,
        "lines": lines.by_mn.get(mn, ()),
        "fresh": lines.is_fresh(request.at),
        "dialect": devices.DIALECTS.get(found.dialect, found.dialect),
        "heard": heard,
        "deviations": [
            (code, reason_name(code, english=english()), n)
            for code, n in sorted(heard.deviations.items(), key=lambda one: -one[1])
        ],
        "reasons": [
            (code, reason_name(code, english=english()), n)
            for code, n in sorted(heard.reasons.items(), key=lambda one: -one[1])
        ],
        "accepted": [
            (code, reason_name(code, english=english()), n)
            for code, n in sorted(heard.habit.deviations.items(), key=lambda one: -one[1])
        ],
        "proposal": _proposal(found, heard) if keeps else None,
        "policy": _policy(found),
        "marks": marks,
        "may_mark": bool(request.scope.roles & MARKERS),
        "keeps": keeps,
        "offers": asked.offered(found, request.scope),
        "dialogues": dialogues.dialogues_of(store, mn, at=request.at) if staff else (),
        "integrity": signals.rows(
            signals.narrowed(
                signals.signals(request.scope), station=found.station, kind="data_integrity"
            )[:5],
            at=request.at,
            english=english(),
        )
        if staff
        else (),
        "clock_off": strip.clock_s is not None
        and abs(strip.clock_s) >= max(_LEAST, found.clock_tolerance_s),
        "problem": problem,
        "english": english(),
    }
    return render(request, "monitoring/device.html", context, status=422 if problem else 200)


def _proposal(found: Device, heard: proposal.Heard) -> dict[str, object] | None:
    made = proposal.propose(found, heard)
    if made is None:
        return None
    said = [
        (
            _("协议为 %(document)s") % {"document": devices.DIALECTS[code.partition(".")[2]]}
            if code.startswith("dialect.")
            else reason_name(code, english=english()),
            n,
        )
        for code, n in made.evidence
    ]
    return {"evidence": said, "packets": made.packets}


_CRC = {
    "standard": "HJ 212",
    "modbus": "Modbus CRC-16",
    "modbus-swapped": "Modbus CRC-16 ⇄",
    "ignore": _lazy("不校验（计数）"),
}


def _policy(found: Device) -> dict[str, object]:
    return {
        "crc": "、".join(str(_CRC.get(name, name)) for name in found.crc),
        "repairs": [reason_name(code, english=english()) for code in found.repairs],
    }


def device_live(request: HttpRequest, mn: str) -> HttpResponse:
    """Answer the commands again if one has moved since the mark, else 204."""
    context = commands_context(request, device_of(request, mn))
    mark = str(context["mark"])
    if mark == request.GET.get("since", ""):
        return HttpResponse(status=204, headers={"X-Live-Since": mark})
    answer = render(request, "monitoring/_commands.html", context)
    answer["X-Live-Since"] = mark
    return answer


def month(request: HttpRequest, mn: str) -> HttpResponse:
    """Show a month's completeness by day, and one day by the hour: the rows behind the figures."""
    found = device_of(request, mn)
    first = completeness.month_of(request.GET.get("month", ""), at=request.at)
    days = list(completeness.days_of(mn, first))
    chosen = next((d for d in days if d.day.isoformat() == request.GET.get("day", "")), None)
    hours = []
    if chosen is not None:
        whole = day_of(chosen.day)
        moments = completeness.moments(observations_in(settings.FOLDER.store), found, whole)
        for piece in Period(whole.start, min(whole.end, request.at)).split(timedelta(hours=1)):
            here = [m for m in moments if m.time in piece]
            hours.append({
                "start": piece.start, "received": len(here), "values": sum(m.values for m in here),
                "valid": sum(m.valid for m in here),
                "flags": sorted({f for m in here for f in m.flags if f != "N"}),
                "expected": completeness.due(
                    piece,
                    step_s=3600 if chosen.cn == "2061" else found.interval_s,
                ),
            })  # fmt: skip
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    context = {
        "device": found,
        "name": registry.label_of_station([found.station])[found.station],
        "first": first,
        "before": before,
        "after": after if after <= city_date(request.at) else None,
        "days": days,
        "total": completeness.month_rows([found], first)[mn],
        "chosen": chosen,
        "hours": hours,
        "definition": completeness.definition_on(first),
        "english": english(),
    }
    return render(request, "monitoring/device_month.html", context)


def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the file a mark was declared with, to those who see its station."""
    from qingyuan.web.files.responses import serve

    mark = mark_of(request, pk)
    if mark.evidence is None:
        raise Http404
    return serve(mark.evidence)


def mark_of(request: HttpRequest, pk: int) -> DataMark:
    """Return a mark on a station whose device the person may see, or 404."""
    stations = selectors.devices_seen(request.scope).values_list("station", flat=True)
    return get_object_or_404(
        DataMark.objects.select_related("evidence"), pk=pk, station__in=list(stations)
    )
