"""Samples (采样结果) and what they teach: the outfall's own profile for tracing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from statistics import fmean, stdev
from typing import NamedTuple

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.outfalls.models import OutfallSample, ProfileBefore
from qingyuan.web.outfalls.parameters import profile_parameters
from qingyuan.web.registry.models import Outfall, OutfallProfile

__all__ = ["Result", "add_samples", "parse_result", "withdraw"]

_RESULT = re.compile(r"\s*([<＜]?)\s*(\d{1,9}(?:\.\d{1,6})?)\s*(?:L|mg/L)?\s*", re.IGNORECASE)
_LEAST = 1e-6  # mg/L; a zero has no logarithm


class Result(NamedTuple):
    """One factor's result: as written, in mg/L, and whether it is below the detection limit."""

    factor: str
    text: str
    value: Decimal
    below: bool


def parse_result(factor: str, text: str) -> Result:
    """Read ``3.2``, ``<0.05`` or ``0.05L`` (the laboratories' mark of below detection), mg/L.

    Raises
    ------
    Problem
        ``outfalls.sample_value``.
    """
    match = _RESULT.fullmatch(text)
    if match is None:
        raise Problem("outfalls.sample_value", given=text[:24])
    try:
        value = Decimal(match[2])
    except InvalidOperation:  # pragma: no cover -- the pattern lets nothing else through
        raise Problem("outfalls.sample_value", given=text[:24]) from None
    below = bool(match[1]) or (text.strip().upper().endswith("L") and "MG/" not in text.upper())
    return Result(factor, text.strip(), value, below)


@transaction.atomic
def add_samples(
    outfall: Outfall,
    results: Iterable[Result],
    *,
    taken_at: datetime,
    laboratory: str,
    report_no: str,
    by: User,
    at: datetime,
) -> list[OutfallSample]:
    """Enter the results of one sample (录入采样结果); the profile follows in the same transaction.

    Raises
    ------
    Problem
        ``outfalls.sample_future``, ``outfalls.sample_twice``, ``outfalls.sample_value`` when there
        is none.
    """
    if taken_at > at:
        raise Problem("outfalls.sample_future", given=taken_at.isoformat(timespec="minutes"))
    row = Outfall.objects.select_for_update(of=("self",)).get(pk=outfall.pk)
    made = []
    for result in results:
        held = OutfallSample.objects.filter(
            outfall=row, factor=result.factor, taken_at=taken_at, laboratory=laboratory,
            withdrawn_at=None,
        ).first()  # fmt: skip
        if held is not None:
            raise Problem("outfalls.sample_twice", text=held.text)
        made.append(
            OutfallSample.objects.create(
                outfall=row,
                taken_at=taken_at,
                factor=result.factor,
                text=result.text,
                value=result.value,
                below=result.below,
                laboratory=laboratory,
                report_no=report_no,
                made_by=by,
                made_at=at,
            )
        )
    if not made:
        raise Problem("outfalls.sample_value", given="—")
    for sample in made:
        _learn(row, sample.factor)
    audit.record(
        actor=Actor.of(by),
        deed="outfalls.add_samples",
        target=f"outfall:{row.code}",
        at=at,
        detail={"taken_at": taken_at.isoformat(), "results": {s.factor: s.text for s in made}},
    )
    return made


@transaction.atomic
def withdraw(sample: OutfallSample, *, reason: str, by: User, at: datetime) -> OutfallSample:
    """Withdraw a wrong result (撤销); it stays on record and no longer counts."""
    if not reason.strip():
        raise Problem("outfalls.reason_missing")
    row = OutfallSample.objects.select_for_update().get(pk=sample.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = at, by, reason.strip()[:200]
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        _learn(row.outfall, row.factor)
        audit.record(
            actor=Actor.of(by),
            deed="outfalls.withdraw_sample",
            target=f"outfall:{row.outfall_id}",
            at=at,
            detail={"factor": row.factor, "text": row.text, "reason": row.withdrawn_reason},
        )
    return row


def _learn(outfall: Outfall, factor: str) -> None:
    """Work the profile out again: what was known before our samples, pooled with them."""
    given = profile_parameters()
    held = OutfallProfile.objects.filter(outfall=outfall, factor=factor).first()
    before = ProfileBefore.objects.filter(outfall=outfall, factor=factor).first()
    if before is None:
        before = ProfileBefore.objects.create(
            outfall=outfall,
            factor=factor,
            n=held.n if held else 0,
            ln_mean=held.ln_mean if held else 0.0,
            ln_sd=held.ln_sd if held else 0.0,
        )
    logs = [
        math.log(max(float(s.value) * (given["below_share"] if s.below else 1.0), _LEAST))
        for s in OutfallSample.objects.filter(outfall=outfall, factor=factor, withdrawn_at=None)
    ]
    n = before.n + len(logs)
    if n == 0:
        OutfallProfile.objects.filter(outfall=outfall, factor=factor).delete()
        return
    mean, sd = pooled((before.n, before.ln_mean, before.ln_sd), logs)
    if n == 1:
        sd = given["ln_sd_of_one"]
    OutfallProfile.objects.update_or_create(
        outfall=outfall,
        factor=factor,
        defaults={"n": n, "ln_mean": mean, "ln_sd": max(sd, given["ln_sd_least"])},
    )


def pooled(before: tuple[int, float, float], logs: list[float]) -> tuple[float, float]:
    """Return mean and standard deviation of a summarised sample together with single values."""
    n0, mean0, sd0 = before
    if not logs:
        return mean0, sd0
    n1, mean1 = len(logs), fmean(logs)
    sd1 = stdev(logs) if n1 > 1 else 0.0
    n = n0 + n1
    mean = (n0 * mean0 + n1 * mean1) / n
    if n < 2:
        return mean, 0.0
    within = max(n0 - 1, 0) * sd0**2 + (n1 - 1) * sd1**2
    between = n0 * (mean0 - mean) ** 2 + n1 * (mean1 - mean) ** 2
    return mean, math.sqrt((within + between) / (n - 1))
