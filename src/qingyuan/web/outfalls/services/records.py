"""The record: a new version, who discharges, what is allowed, how it ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.standards.outfalls import class_of_outfall
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.outfalls.models import RECORD_FIELDS, Discharger, Lineage, OutfallRecord
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Enterprise, Outfall, OutfallLimit

__all__ = ["add_discharger", "add_limit", "end", "end_discharger", "revise"]


@transaction.atomic
def revise(
    outfall: Outfall,
    changes: Mapping[str, Any],
    *,
    reason: str,
    valid_from: date,
    seen: int,
    by: User,
    at: datetime,
) -> OutfallRecord:
    """End the version in force and begin the next (修订档案); the registry follows.

    Parameters
    ----------
    changes : mapping
        Fields of `RECORD_FIELDS` and their new values; what is left out stays.
    seen : int
        The version the person had before them; 0 when there was none.

    Raises
    ------
    Problem
        ``outfalls.changed_meanwhile``, ``outfalls.nothing_changed``, ``outfalls.version_date``,
        ``outfalls.unknown_class``, ``outfalls.code_pattern``, ``outfalls.off_river``,
        ``outfalls.ended``, ``outfalls.reason_missing``.
    """
    row = _locked(outfall)
    held = OutfallRecord.objects.select_for_update().filter(outfall=row, valid_to=None).first()
    if held is not None and held.version != seen:
        raise Problem("outfalls.changed_meanwhile", who=held.made_by or "—", version=held.version)
    before = held or OutfallRecord.as_registered(row, at=at)
    wanted = {name: changes.get(name, getattr(before, name)) for name in RECORD_FIELDS}
    changed = {name: v for name, v in wanted.items() if v != getattr(before, name)}
    if not changed:
        raise Problem("outfalls.nothing_changed")
    _check(wanted, changed)
    if held is None:
        before.valid_from = min(before.valid_from, valid_from)
        before.save()
    if valid_from < before.valid_from:
        raise Problem("outfalls.version_date", given=valid_from, since=before.valid_from)
    before.valid_to = valid_from
    before.save(update_fields=["valid_to"])
    made = OutfallRecord.objects.create(
        outfall=row,
        version=before.version + 1,
        valid_from=valid_from,
        reason=_said(reason),
        made_by=by,
        made_at=at,
        **wanted,
    )
    _follow(row, made, changed)
    audit.record(
        actor=Actor.of(by),
        deed="outfalls.revise",
        target=f"outfall:{row.code}",
        at=at,
        clause="部令第35号 入河排污口台账",
        detail={
            "version": made.version,
            "reason": made.reason,
            "changed": {
                name: [_plain(getattr(before, name)), _plain(v)] for name, v in changed.items()
            },
        },
    )
    return made


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _check(wanted: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
    if "outfall_class" in changed and class_of_outfall(wanted["outfall_class"]) is None:
        raise Problem("outfalls.unknown_class", given=wanted["outfall_class"])
    city = registry.city()
    pattern = city.outfall_code_pattern if city else ""
    code = wanted["official_code"]
    if "official_code" in changed and code and pattern and not re.fullmatch(pattern, code):
        raise Problem("outfalls.code_pattern", given=code, pattern=pattern)


def _follow(row: Outfall, made: OutfallRecord, changed: Mapping[str, Any]) -> None:
    """Let the registry say what the record says, for map, tracer and alarms."""
    row.official_code, row.outfall_class = made.official_code, made.outfall_class
    row.permitted_m3_d = made.approved_m3_d
    row.online = made.monitoring == OutfallRecord.Monitoring.ONLINE
    if {"lon", "lat"} & set(changed):
        spot = registry.Waterway().snap(made.lon, made.lat)
        if spot is None:
            raise Problem("outfalls.off_river", lon=made.lon, lat=made.lat)
        row.lon, row.lat = made.lon, made.lat
        row.reach_id, row.position_m = spot.reach, spot.position_m
    row.save()


@transaction.atomic
def add_discharger(
    outfall: Outfall,
    *,
    name: str,
    enterprise: Enterprise | None,
    responsible: bool,
    valid_from: date,
    by: User,
    at: datetime,
    **more: object,
) -> Discharger:
    """Register who discharges through it (登记排污单位); the responsible body is one.

    ``more``: ``credit_code``, ``permit_no``, ``outlet_no``, ``quantity_m3_d``, ``duty``.
    """
    row = _locked(outfall)
    if responsible:
        held = Discharger.objects.filter(outfall=row, responsible=True, valid_to=None).first()
        if held is not None:
            raise Problem("outfalls.responsible_twice", name=held.name)
        row.enterprise = enterprise
        row.trade = enterprise.trade if enterprise else ""
        row.save(update_fields=["enterprise", "trade"])
    made = Discharger.objects.create(
        outfall=row,
        name=enterprise.name_zh if enterprise else name,
        enterprise=enterprise,
        responsible=responsible,
        valid_from=valid_from,
        **more,
    )
    audit.record(
        actor=Actor.of(by),
        deed="outfalls.add_discharger",
        target=f"outfall:{row.code}",
        at=at,
        clause="部令第35号 第十六条",
        detail={"name": made.name, "responsible": responsible},
    )
    return made


@transaction.atomic
def end_discharger(discharger: Discharger, *, on: date, by: User, at: datetime) -> Discharger:
    """Say that a discharger no longer discharges through it, from a day on."""
    row = Discharger.objects.select_for_update().get(pk=discharger.pk)
    if row.valid_to is None:
        row.valid_to = max(on, row.valid_from)
        row.save(update_fields=["valid_to"])
        if row.responsible:
            Outfall.objects.filter(code=row.outfall_id).update(enterprise=None)
        audit.record(
            actor=Actor.of(by),
            deed="outfalls.end_discharger",
            target=f"outfall:{row.outfall_id}",
            at=at,
            detail={"name": row.name, "on": row.valid_to.isoformat()},
        )
    return row


@transaction.atomic
def add_limit(
    outfall: Outfall,
    *,
    factor: str,
    limit: Decimal,
    unit: str,
    averaging: str,
    standard: str,
    level: str,
    valid_from: date,
    by: User,
    at: datetime,
) -> OutfallLimit:
    """Set a limit from a day on (执行限值); the one before ends that day and stays on record."""
    row = _locked(outfall)
    held = (
        OutfallLimit.objects.select_for_update()
        .filter(outfall=row, factor=factor, averaging=averaging)
        .order_by("-valid_from")
        .first()
    )
    if held is not None and held.valid_from >= valid_from:
        raise Problem("outfalls.limit_period", since=held.valid_from)
    if held is not None and (held.valid_to is None or held.valid_to > valid_from):
        held.valid_to = valid_from
        held.save(update_fields=["valid_to"])
    made = OutfallLimit.objects.create(
        outfall=row,
        factor=factor,
        limit=limit,
        unit=unit,
        averaging=averaging,
        standard=standard,
        level=level,
        valid_from=valid_from,
    )
    audit.record(
        actor=Actor.of(by),
        deed="outfalls.add_limit",
        target=f"outfall:{row.code}",
        at=at,
        clause=standard,
        detail={
            "factor": factor,
            "limit": str(limit),
            "unit": unit,
            "from": valid_from.isoformat(),
        },
    )
    return made


@transaction.atomic
def end(
    outfall: Outfall,
    *,
    kind: str,
    into: Outfall | None,
    on: date,
    reason: str,
    by: User,
    at: datetime,
) -> Lineage:
    """Close an outfall, or merge it into another (封堵、并入); its record and history stay.

    Raises
    ------
    Problem
        ``outfalls.ended``, ``outfalls.merge_target``, ``outfalls.reason_missing``.
    """
    row = _locked(outfall)
    if kind == Lineage.Kind.CLOSED:
        into = None
    elif into is None or into.code == row.code or into.ended_on is not None:
        raise Problem("outfalls.merge_target", given=into.name if into else "—")
    made = Lineage.objects.create(
        outfall=row, kind=kind, into=into, on=on, reason=_said(reason), made_by=by, made_at=at
    )
    row.ended_on = on
    row.save(update_fields=["ended_on"])
    audit.record(
        actor=Actor.of(by),
        deed="outfalls.end",
        target=f"outfall:{row.code}",
        at=at,
        detail={
            "kind": kind,
            "into": into.code if into else "",
            "on": on.isoformat(),
            "reason": made.reason,
        },
    )
    return made


def _locked(outfall: Outfall) -> Outfall:
    row = Outfall.objects.select_for_update(of=("self",)).get(pk=outfall.pk)
    if row.ended_on is not None:
        raise Problem("outfalls.ended", on=row.ended_on, kind=row.ending.get_kind_display())
    return row


def _said(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Problem("outfalls.reason_missing")
    return reason[:200]
