"""From a finding of the watch to a signal, and to what follows from it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from procrastinate.contrib.django import app as jobs

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.quantities import plain
from qingyuan.readings.model import Finding
from qingyuan.web.monitoring.selectors.limits import Limits
from qingyuan.web.monitoring.selectors.rules import rules_for
from qingyuan.web.registry import selectors as registry
from qingyuan.web.signals import services as signals
from qingyuan.web.signals.models import Signal

__all__ = ["LEVELS", "apply"]

LEVELS = {1: 4, 2: 3, 3: 2}  # readings：1 一般 2 较重 3 严重 → 告警台：4 一般 3 较大 2 重大
_TRACE = "tracing.trace_signal"


def apply(finding: Finding, *, at: datetime, limits: Limits, tell: bool = True) -> Signal | None:
    """Raise, update or clear the signal of a finding; return it when it is new.

    A new exceedance of a section asks for a trace, in the same transaction.
    """
    if finding.state in ("cleared", "withdrawn"):
        signals.clear_matching(
            station=finding.station,
            kind=_kind(finding),
            factor=finding.factor,
            at=at,
            episode=finding.key if finding.classes else None,
            reason="数据更正，依据不复存在" if finding.state == "withdrawn" else "恢复正常",
        )
        return None
    observed = signals.observe(finding=_as_signal(finding, limits, at=at), at=at, tell=tell)
    if not observed.new:
        return None
    if finding.kind == "exceedance" and limits.is_section(finding.station):
        jobs.configure_task(_TRACE, allow_unknown=True).defer(signal_id=observed.signal.pk)
    return observed.signal


def _as_signal(finding: Finding, limits: Limits, *, at: datetime) -> signals.Finding:
    limit = limits(finding.station, finding.factor, finding.peak_at) if finding.factor else None
    unit = limits.unit_of(finding.station, finding.factor) or factor_of(finding.factor).unit
    common = {
        "kind": _kind(finding),
        "rule": f"{finding.rule}/{finding.kind}",
        "station": finding.station,
        "factor": finding.factor,
        "first_at": finding.first_at,
        "last_at": finding.last_at,
        "finder": "monitoring",
        "level": LEVELS.get(finding.level, 4),
        "episode": finding.key,
        "count": None if finding.classes else finding.count,
        "roles": rules_for(at).roles_for(finding.kind, finding.level),
    }
    if finding.classes:
        return signals.Finding(**common, **_decline_words(finding))
    if finding.kind == "silence":
        return signals.Finding(**common, **_silence_words(finding))
    if finding.kind == "step":
        edge = "≥" if finding.value >= finding.limit else "≤"
        return signals.Finding(
            **common,
            unit=unit,
            value=finding.value,
            value_text=plain(finding.value),
            limit=finding.limit,
            limit_text=f"{edge}{plain(finding.limit.quantize(Decimal('0.0001')))} {unit}".strip(),
            note="数值超出近 30 天同一时刻的预期范围（中位数 ± 6×MAD）；限值一栏为范围边缘。"
            + _origin_words(finding),
        )
    return signals.Finding(
        **common,
        unit=limit.unit if limit else unit,
        value=finding.value,
        value_text=plain(finding.value),
        limit=finding.limit,
        limit_text=limit.text if limit else plain(finding.limit),
        multiple=finding.multiple,
        clause=" ".join(
            part for part in (finding.document, finding.clause, _class_words(limit)) if part
        ),
        note=_origin_words(finding),
    )


def _kind(finding: Finding) -> str:
    """Return the console's kind: a class that got worse is one kind, whatever it is held against."""
    return "decline" if finding.classes else finding.kind


def _origin_words(finding: Finding) -> str:
    """Return whether it arrived from above or arose in between, as travel times tell (上下游对照)."""
    if not finding.origin_station:
        return ""
    name = registry.label_of_station([finding.origin_station])[finding.origin_station]
    if finding.origin == "from_above":
        return f"按流程时间对照：自上游来，{name}断面先出现。"
    return f"按流程时间对照：区间产生，上游{name}断面当时正常。"


def _decline_words(finding: Finding) -> dict[str, object]:
    before, now = finding.classes
    against = "上月" if finding.kind == "worse_than_last_period" else "去年同月"
    return {
        "unit": "",  # what is said of it are classes
        "value": finding.value,
        "value_text": f"{before}→{now}",
        "limit": finding.limit,
        "multiple": None,
        "limit_text": f"不低于{against}（{before}类）",
        "clause": " ".join(p for p in (finding.document, finding.clause) if p),
        "note": f"本月至今均值类别由{against}的{before}类变为{now}类；变差最多：{'、'.join(finding.items)}。",
    }


def _class_words(limit: object) -> str:
    cls = getattr(limit, "cls", "")
    return f"{cls}类" if cls in ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ") else ""


def _silence_words(finding: Finding) -> dict[str, object]:
    minutes, allowed = (int(v) // 60 for v in (finding.value, finding.limit))
    return {
        "unit": "min",
        "value": Decimal(minutes),
        "value_text": str(minutes),
        "limit": Decimal(allowed),
        "limit_text": f"≤{allowed} min",
        "note": "超过规定间隔没有收到任何数据；请检查站房供电、数采仪与通讯。",
    }
