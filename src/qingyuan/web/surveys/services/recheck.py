"""The automatic re-check (自动复核): what later passes say of a place that is said to be rectified."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median

from django.urls import reverse

from qingyuan.core.periods import city_date, in_city
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.cases.models import Case
from qingyuan.web.notices import services as notices
from qingyuan.web.surveys.models import HotSpot, Recheck, SpotPass, SurveyRun
from qingyuan.web.surveys.parameters import parameters

__all__ = ["PROCEDURE", "criterion", "recheck_all", "since_of", "verdict_of"]

PROCEDURE = "dust_spot"
_AFTER = timedelta(days=30)
WATCHED = ("watching", "closed")


def criterion() -> dict[str, object]:
    """Return the criterion in force, as it is kept with every re-check."""
    found = parameters("recheck")
    return {name: found[name] for name in ("least_passes", "least_vehicles", "least_days", "below_ugm3", "clause", "mark")}  # fmt: skip


def since_of(case: Case) -> date | None:
    """Return the first day that counts: the day after this round's rectification, or its close-out."""
    names = ("close_out", "close_by_hand") if case.state == "closed" else ("rectify",)
    done = (
        case.deeds.filter(name__in=names, round=case.round, undone_by=None).order_by("-pk").first()
    )
    return city_date(done.at) + timedelta(days=1) if done else None


def verdict_of(passes: Sequence[SpotPass]) -> tuple[str, float | None]:
    """Return what passes say, and the median of their increments.

    Both clean and rebound ask for the same amount of data; with less it is neither.
    """
    rule = parameters("recheck")
    middle = median(p.increment for p in passes) if passes else None
    enough = (
        len(passes) >= rule["least_passes"]
        and len({p.device for p in passes}) >= rule["least_vehicles"]
        and len({p.day for p in passes}) >= rule["least_days"]
    )
    if not enough or middle is None:
        return Recheck.Verdict.WAITING, middle
    clean = middle < rule["below_ugm3"]
    return (Recheck.Verdict.CLEAN if clean else Recheck.Verdict.REBOUND), middle


def recheck_all(*, run: SurveyRun, at: datetime) -> list[Recheck]:
    """Re-check every hot spot whose case waits for it, by the passes up to the run's day."""
    waiting = HotSpot.objects.filter(
        case__procedure__name=PROCEDURE, case__state__in=WATCHED
    ).select_related("case__procedure")
    return [
        row for spot in waiting.order_by("code") if (row := _recheck(spot, run, at)) is not None
    ]


def _recheck(spot: HotSpot, run: SurveyRun, at: datetime) -> Recheck | None:
    case = spot.case
    since = since_of(case) if case else None
    if case is None or since is None or since > run.day:
        return None
    finding = (
        spot.findings.exclude(run=run).filter(run__day__lt=since).order_by("-run__day").first()
    )
    passes = spot.passes.filter(day__gte=since, day__lte=run.day)
    if (
        finding is not None
    ):  # the hours in which it was active; a clean night says nothing of a noon
        passes = [p for p in passes if _within(p, finding.first_hour, finding.end_hour)]
    rows = list(passes)
    if case.state == "closed" and run.day - since > _AFTER:
        return None
    verdict, middle = verdict_of(rows)
    before = (
        case.dust_rechecks.filter(round=case.round, run__day__lt=run.day)
        .order_by("-run__day")
        .first()
    )
    found = Recheck.objects.create(
        spot=spot, case=case, run=run, round=case.round, since=since, verdict=verdict,
        median=None if middle is None else round(middle, 1), passes=len(rows),
        vehicles=len({p.device for p in rows}), days=len({p.day for p in rows}), criterion=criterion(),
    )  # fmt: skip
    news = verdict != Recheck.Verdict.WAITING and (before is None or before.verdict != verdict)
    if news and not (case.state == "closed" and verdict == Recheck.Verdict.CLEAN):
        _tell(found, at=at)
    return found


def _tell(row: Recheck, *, at: datetime) -> None:
    """Tell who hands out the cases of the district what the passes say; the deed is theirs."""
    case, day = row.case, city_date(at)
    people = {
        user.pk: user
        for role in ("duty_officer", "department_head")
        for user in accounts.holders_of(role, on=day, district=case.district_id)
    }
    clean = row.verdict == Recheck.Verdict.CLEAN
    zh = "自动复核：已达标，建议销号" if clean else "自动复核：反弹，建议重新交办"
    en = (
        "Re-check: criterion met, close-out proposed"
        if clean
        else "Re-check: rebound, re-opening proposed"
    )
    notices.notify(
        list(people.values()), kind="case", title=f"{zh}：{case.number}", title_en=f"{en}: {case.number}",
        body=f"{row.spot.code} {row.median} µg/m³", body_en=f"{row.spot.code} {row.median} µg/m³",
        url=reverse("hotspot", args=[row.spot.code]), at=at,
    )  # fmt: skip


def _within(row: SpotPass, first: int, end: int) -> bool:
    return first <= in_city(row.at).hour < end
