"""From registry and store to an event (溯源事件): what is known of one alarm, and nothing later."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Q

from qingyuan import river
from qingyuan.core.factors import factor
from qingyuan.core.periods import Period, city_date
from qingyuan.store.observations import Observations
from qingyuan.web.registry.models import Outfall, OutfallProfile, RiverReach, Section
from qingyuan.web.registry.selectors import reach_values
from qingyuan.web.signals.models import Signal
from qingyuan.web.tracing.models import GrabSample

__all__ = ["event_of", "parameters"]

_COLUMNS = ("station", "factor", "cn", "suffix", "time", "value", "flag")
_HOURLY = ("hist", "2061")
_REAL_TIME = "2011"
_CONSERVATIVE: Mapping[str, float] = {"decay_per_day": 0.0, "detection_limit": 0.0}
_SPACING = timedelta(minutes=10)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_FLOW = "w00000"  # HJ 212-2017: wastewater flow, L/s


@cache
def parameters() -> Mapping[str, Any]:
    """Return the parameters of tracing, each with its source in the file."""
    table: Mapping[str, Any] = tomllib.loads(
        Path(__file__).with_name("parameters.toml").read_text("utf-8")
    )
    return table


def event_of(signal: Signal, *, detected_at: datetime, observations: Observations) -> river.Event:
    """Return the event of an alarm as known at *detected_at*.

    Sections give hourly means (stamped at the middle of the hour) and, for the last hours, one
    real-time reading in ten minutes; monitors of dischargers give hourly means. Values are mg/L.
    """
    given = parameters()
    window = Period(detected_at - timedelta(days=given["days_before"]), detected_at)
    rows = _rows(observations, window)
    recent = detected_at - timedelta(hours=given["recent_hours"])
    day = city_date(window.start)  # one that ended inside the window may still have discharged
    in_use = Outfall.objects.filter(Q(ended_on=None) | Q(ended_on__gt=day))
    codes = set(in_use.values_list("code", flat=True))
    sections = tuple(_section(s) for s in Section.objects.order_by("code"))
    return river.Event(
        name=f"signal-{signal.pk}",
        alarm=river.Alarm(
            section=signal.object_code,
            factor=signal.factor,
            first_exceeded=signal.first_at,
            detected_at=detected_at,
            limit=float(signal.limit) if signal.limit is not None else None,
        ),
        start=window.start,
        end=window.end,
        factors={
            code: river.EventFactor(
                code, factor(code).symbol, "mg/L", row["decay_per_day"], row["detection_limit"]
            )
            for code, row in _factors(signal).items()
        },
        reaches=tuple(reach_values(r) for r in RiverReach.objects.order_by("code")),
        sections=sections,
        outfalls=tuple(_outfall(o) for o in in_use.order_by("code")),
        readings=tuple(_readings(rows, recent=recent, known=set(_factors(signal)))),
        flow_rel_sd=given["flow_rel_sd"],
        velocity_rel_sd=given["velocity_rel_sd"],
        reading_rel_sd=given["reading_rel_sd"],
        profiles=tuple(
            river.ProfileRow(p.outfall_id, p.factor, p.n, p.ln_mean, p.ln_sd)
            for p in OutfallProfile.objects.filter(outfall__in=in_use).order_by(
                "outfall_id", "factor"
            )
        ),
        online=tuple(row for row in _online(rows) if row.outfall_id in codes),
        samples=tuple(
            river.Sample(s.reach_code, s.position_m, s.taken_at, s.factor, float(s.value))
            for s in GrabSample.objects.filter(signal=signal).order_by("taken_at", "pk")
        ),
    )


def _factors(signal: Signal) -> Mapping[str, Mapping[str, float]]:
    """Return the factors of the event; an alarmed one that has no row is taken as conservative."""
    known: Mapping[str, Mapping[str, float]] = parameters()["factors"]
    return known if signal.factor in known else {**known, signal.factor: _CONSERVATIVE}


def _section(row: Section) -> river.Section:
    return river.Section(row.code, row.reach_id, row.position_m, row.kind, row.interval_min)


def _outfall(row: Outfall) -> river.Outfall:
    return river.Outfall(
        row.code,
        row.reach_id,
        row.position_m,
        row.outfall_class,
        row.trade,
        row.permitted_m3_d,
        row.max_flow_m3_s,
        1.0 if row.prior_weight is None else row.prior_weight,
        row.online,
    )


def _rows(observations: Observations, window: Period) -> pa.Table:
    table = observations.table.read(
        first=city_date(window.start), last=city_date(window.end), columns=_COLUMNS
    )
    kept = pc.and_(
        pc.and_(
            pc.greater_equal(table["time"], pa.scalar(window.start)),
            pc.less(table["time"], pa.scalar(window.end)),
        ),
        pc.or_(
            pc.and_(pc.is_in(table["cn"], pa.array(_HOURLY)), pc.equal(table["suffix"], "Avg")),
            pc.and_(pc.equal(table["cn"], _REAL_TIME), pc.equal(table["suffix"], "Rtd")),
        ),
    )
    return table.filter(kept).sort_by(
        [("station", "ascending"), ("factor", "ascending"), ("time", "ascending")]
    )


def _as_rows(
    table: pa.Table, kind: str
) -> Iterator[tuple[str, str, str, datetime, float | None, str]]:
    chosen = table.filter(pc.starts_with(table["station"], f"{kind}:"))
    columns = [
        chosen[name].to_pylist() for name in ("station", "factor", "cn", "time", "value", "flag")
    ]
    for station, code, cn, time, value, flag in zip(*columns, strict=True):
        yield station.partition(":")[2], code, cn, time, value, flag or "N"


def _readings(table: pa.Table, *, recent: datetime, known: set[str]) -> Iterator[river.Reading]:
    """Yield one reading in ten minutes where real-time data is recent, else hourly means."""
    rows = [row for row in _as_rows(table, "section") if row[1] in known]
    told = {
        (code, name, _hour(time))
        for code, name, cn, time, _, _ in rows
        if cn == _REAL_TIME and time >= recent
    }
    last: dict[tuple[str, str], datetime] = {}
    for code, name, cn, time, value, flag in rows:
        if cn in _HOURLY and (code, name, _hour(time)) not in told:
            yield river.Reading(code, time + timedelta(minutes=30), name, value, flag)
        elif (
            cn == _REAL_TIME
            and time >= recent
            and time - last.get((code, name), _LONG_AGO) >= _SPACING
        ):
            last[code, name] = time
            yield river.Reading(code, time, name, value, flag)


def _hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)


def _online(table: pa.Table) -> Iterator[river.MonitorReading]:
    known = set(parameters()["factors"])
    for code, name, cn, time, value, flag in _as_rows(table, "outfall"):
        if cn not in _HOURLY or (name != _FLOW and name not in known):
            continue
        middle = time + timedelta(minutes=30)
        if name == _FLOW:
            yield river.MonitorReading(
                code, middle, "flow_m3_s", None if value is None else value / 1000, flag
            )
        else:
            yield river.MonitorReading(code, middle, name, value, flag)
