"""A check found nothing where a citizen said there was something (报有查无 → 执法稽查, R055)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.cases import services as cases
from qingyuan.web.petitions.models import AuditTrigger, NothingFound, Petition, Report
from qingyuan.web.petitions.selectors.nearby import near_petitions, things_near
from qingyuan.web.petitions.selectors.settings import parameter
from qingyuan.web.registry.selectors import label_of_station
from qingyuan.web.signals.models import Signal

__all__ = ["contradictions", "note_nothing", "repeated", "send_to_audit"]

_TRUE = ("proven", "mostly", "partly")
_CLAUSE = "青岛市巡察整改通报（2024）十（一）“报有查无”案件纳入执法稽查"


@transaction.atomic
def note_nothing(petition: Petition, *, checker: User, at: datetime) -> NothingFound:
    """Write down that nothing was found, and send it to audit at once if that is contradicted.

    Rule (b): telemetry, or other petitions proven, within ``contradict_m`` metres and
    ``contradict_hours`` hours before the report and after the finding.
    """
    found, _ = NothingFound.objects.get_or_create(
        petition=petition, round=petition.case.round,
        defaults={"found_at": at, "checker": checker},
    )  # fmt: skip
    if evidence := contradictions(petition, at=at):
        day = city_date(at)
        names = ("contradict_m", "contradict_hours")
        send_to_audit(
            found, rule=AuditTrigger.Rule.CONTRADICTED, evidence=evidence, at=at, by=None,
            parameters={n: str(parameter(n, on=day)) for n in names},
        )  # fmt: skip
    return found


def contradictions(petition: Petition, *, at: datetime) -> list[dict[str, object]]:
    """Return what speaks against a nothing-found: exceedances and proven petitions near by then."""
    if petition.lon is None or petition.lat is None:
        return []
    day = city_date(at)
    metres = float(parameter("contradict_m", on=day))
    window = timedelta(hours=float(parameter("contradict_hours", on=day)))
    low, high = petition.received_at - window, at + window
    things = things_near(lon=petition.lon, lat=petition.lat, metres=metres)
    rows: list[dict[str, object]] = []
    signals = Signal.objects.filter(
        kind__in=[Signal.Kind.EXCEEDANCE, Signal.Kind.STEP],
        object_code__in=[code for _, code in things],
        first_at__lte=high,
        last_at__gte=low,
        false_at=None,
    ).order_by("first_at", "pk")
    names = label_of_station(f"{k}:{c}" for k, c in things)
    for signal in signals:
        key = (signal.object_kind, signal.object_code)
        if key in things:
            rows.append({
                "kind": "signal", "ref": f"signal:{signal.pk}", "metres": things[key],
                "label": names[f"{key[0]}:{key[1]}"], "factor": signal.factor,
                "value": signal.value_text, "limit": signal.limit_text,
                "from": signal.first_at.isoformat(), "to": signal.last_at.isoformat(),
            })  # fmt: skip
    others = Petition.objects.filter(received_at__range=(low, high), case__truth__in=_TRUE).exclude(
        pk=petition.pk
    )
    rows += [
        {
            "kind": "petition", "ref": near.petition.case.ref, "metres": near.metres,
            "label": near.petition.case.number, "truth": near.petition.case.truth,
            "from": near.petition.received_at.isoformat(),
        }
        for near in near_petitions(others, lon=petition.lon, lat=petition.lat, metres=metres)
    ]  # fmt: skip
    return rows


@transaction.atomic
def repeated(petition: Petition, *, report: Report, by: User | None, at: datetime) -> int:
    """Send to audit what found nothing at this place lately, now that it is reported again.

    Rule (a): within ``repeat_m`` metres and ``repeat_days`` days of the finding.
    """
    if petition.lon is None or petition.lat is None:
        return 0
    day = city_date(at)
    metres = float(parameter("repeat_m", on=day))
    since = report.received_at - timedelta(days=int(parameter("repeat_days", on=day)))
    found = Petition.objects.filter(
        nothing_found__found_at__gte=since, nothing_found__found_at__lte=report.received_at
    ).distinct()
    sent = 0
    names = ("repeat_m", "repeat_days")
    for near in near_petitions(found, lon=petition.lon, lat=petition.lat, metres=metres):
        nothing = near.petition.nothing_found.order_by("-found_at").first()
        if nothing is None:
            continue
        evidence: list[dict[str, object]] = [{
            "kind": "petition", "ref": petition.case.ref, "label": petition.case.number,
            "metres": near.metres, "from": report.received_at.isoformat(),
        }]  # fmt: skip
        sent += bool(
            send_to_audit(
                nothing, rule=AuditTrigger.Rule.REPEAT, evidence=evidence, at=at, by=by,
                parameters={n: str(parameter(n, on=day)) for n in names},
            )
        )  # fmt: skip
    return sent


def _grounds(rule: str, evidence: Sequence[Mapping[str, object]]) -> str:
    head = dict(AuditTrigger.Rule.choices)[AuditTrigger.Rule(rule)]
    said = [
        f"{row.get('label', '')}（相距 {row['metres']} 米"
        + (f"，{row['value']}，限值 {row['limit']}" if row.get("value") else "")
        + "）"
        for row in evidence[:8]
        if "metres" in row
    ]
    return f"核查未发现问题，{head}。" + ("；".join(said) + "。" if said else "")


@transaction.atomic
def send_to_audit(
    found: NothingFound,
    *,
    rule: str,
    evidence: Sequence[Mapping[str, object]],
    parameters: Mapping[str, str],
    at: datetime,
    by: User | None,
) -> AuditTrigger | None:
    """Open an audit of a nothing-found with its evidence; a second rule joins the open audit."""
    if found.triggers.filter(rule=rule).exists():
        return None
    case = found.petition.case
    before = found.triggers.order_by("at").first()
    audit_case = before.audit_case if before else None
    if audit_case is None:
        audit_case = cases.open_case(
            procedure="enforcement_audit", title=f"核查结论复核：{case.number}",
            matter="other", district_code=case.district_id, enterprise_id=None, by=by, at=at,
            origin=cases.Origin("audit_rule", f"nothing_found:{found.pk}", "核查结论比对"),
            summary=_grounds(rule, evidence)[:1000], level=3,
            form={
                "trigger": "found_nothing", "audited": case.number,
                "checker": found.checker.username, "grounds": _grounds(rule, evidence),
            },
        )  # fmt: skip
        cases.attach(audit_case, kind="case", ref=case.ref, label=case.number, at=at)
    for row in evidence:
        cases.attach(
            audit_case, kind=str(row["kind"]), ref=str(row["ref"]), label=str(row["label"]), at=at
        )
    made = AuditTrigger.objects.create(
        found=found, rule=rule, parameters=dict(parameters), evidence=[dict(r) for r in evidence],
        audit_case=audit_case, at=at,
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by) if by else SYSTEM, deed="petitions.send_to_audit", target=case.ref,
        at=at, clause=_CLAUSE,
        detail={"rule": str(rule), "audit": audit_case.number, "parameters": dict(parameters),
                "evidence": [str(r["ref"]) for r in evidence]},
    )  # fmt: skip
    return made
