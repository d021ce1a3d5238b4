"""What the platform does when a procedure of this family names it (动作的后果), and the marks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from qingyuan.core.periods import city_date, last_day
from qingyuan.core.problems import Problem
from qingyuan.web.cases.effects import Doing
from qingyuan.web.cases.models import Case
from qingyuan.web.petitions.models import CallBack, Petition
from qingyuan.web.petitions.selectors.settings import parameter
from qingyuan.web.petitions.services.audits import note_nothing

__all__ = ["EFFECTS", "marks"]

_FAMILY = ("petition", "hotline")


def _petition(doing: Doing) -> Petition:
    found = Petition.objects.filter(case=doing.case).first()
    if found is None:
        raise Problem("petitions.no_petition", number=doing.case.number)
    return found


def accept_petition(doing: Doing, params: Mapping[str, str]) -> None:
    """Note when it was accepted and the way it is handled."""
    petition = _petition(doing)
    petition.accepted_at = doing.at
    petition.exit = doing.text("exit")
    petition.save(update_fields=["accepted_at", "exit"])


def take_exit(doing: Doing, params: Mapping[str, str]) -> None:
    """Note into which other procedure it was led."""
    Petition.objects.filter(case=doing.case).update(exit=doing.text("exit"))


def hand_over(doing: Doing, params: Mapping[str, str]) -> None:
    """End the duty of the first contact: from now on the person named answers (首问责任制)."""
    _petition(doing).reports.filter(handed_at=None).exclude(first_contact=None).update(
        handed_to=doing.case.person, handed_at=doing.at
    )


def return_in_time(doing: Doing, params: Mapping[str, str]) -> None:
    """Refuse a return after its clock has run out."""
    clock = doing.case.clocks.filter(name=params["clock"]).order_by("-started_at", "-pk").first()
    if clock is not None and clock.due_at is not None and clock.due_at < doing.at:
        last = last_day(clock.due_at)
        raise Problem("petitions.return_too_late", last=last.isoformat())


def ask_in_time(doing: Doing, params: Mapping[str, str]) -> None:
    """Refuse a request for review that came after the days the law gives."""
    deed = doing.case.deeds.filter(name=params["after"]).order_by("-seq").first()
    if deed is None:
        return
    served = deed.given.get(params["day"])
    begun = date.fromisoformat(str(served)) if served else city_date(deed.at)
    asked = doing.data.get("asked_on")
    asked_on = asked if isinstance(asked, date) else city_date(doing.at)
    last = begun + timedelta(days=int(params["days"]))
    if asked_on > last:
        raise Problem("petitions.asked_too_late", asked=asked_on.isoformat(), last=last.isoformat())


def call_back(doing: Doing, params: Mapping[str, str]) -> None:
    """Write down what the citizen answered; without an answer, that nobody was reached."""
    reached = doing.text("reached") == "yes"
    satisfaction, resolution = doing.text("satisfaction"), doing.text("resolution")
    if reached and not (satisfaction and resolution):
        raise Problem("petitions.answers_missing")
    if not reached and (satisfaction or resolution):
        raise Problem("petitions.answers_of_nobody")
    CallBack.objects.create(
        petition=_petition(doing), round=doing.case.round, at=doing.at, by=doing.by,
        reached=reached, satisfaction=satisfaction, resolution=resolution,
        unit_code=doing.case.unit.code if doing.case.unit else "",
    )  # fmt: skip


def watch_nothing_found(doing: Doing, params: Mapping[str, str]) -> None:
    """When the finding is not proven, write it down and compare it with what else is known."""
    if doing.case.truth != "unproven":
        return
    checked = (
        doing.case.deeds.filter(name="investigate", round=doing.case.round).order_by("-seq").first()
    )
    checker = checked.doer if checked and checked.doer else doing.by
    note_nothing(_petition(doing), checker=checker, at=doing.at)


def audit_by_another(doing: Doing, params: Mapping[str, str]) -> None:
    """Refuse an auditor who made the check that is audited."""
    if doing.text("person") and doing.text("person") == doing.case.form.get("checker"):
        raise Problem("petitions.audits_himself")


EFFECTS = {
    "accept_petition": accept_petition,
    "ask_in_time": ask_in_time,
    "audit_by_another": audit_by_another,
    "call_back": call_back,
    "hand_over": hand_over,
    "return_in_time": return_in_time,
    "take_exit": take_exit,
    "watch_nothing_found": watch_nothing_found,
}


def marks(case: Case) -> frozenset[str]:
    """Return the words of this family that are true of a case."""
    name = case.procedure.name
    if name == "enforcement_audit":
        given = case.deeds.filter(name="give_opinion", round=case.round).order_by("-seq").first()
        bad = given is not None and given.given.get("verdict") in ("faulty", "wrong")
        return frozenset({"audit_faulty"} if bad else ())
    if name not in _FAMILY:
        return frozenset()
    found = {"redone"} if case.round > 1 else set[str]()
    if case.deeds.filter(name="investigate", round=case.round).exists():
        found.add("investigated")
    petition = Petition.objects.filter(case=case).first()
    if petition is None:
        return frozenset(found)
    if petition.text_inspector_at:
        found.add("words_confirmed")
    if petition.packages.filter(closed_at=None).exists():
        found.add("package_open")
    calls = list(petition.callbacks.filter(round=case.round).order_by("at", "pk"))
    if calls and _is_called(case, calls):
        found.add("called_back")
    answered = [c for c in calls if c.reached]
    if answered and answered[-1].ill:
        found.add("answered_ill")
    return frozenset(found)


def _is_called(case: Case, calls: list[CallBack]) -> bool:
    """Whether the calls suffice: one answered, nobody to call, or tried often enough."""
    tries = int(parameter("call_tries", on=city_date(calls[-1].at)))
    nobody = case.deeds.filter(name="call_back", round=case.round, given__reached="none").exists()
    return nobody or len(calls) >= tries or any(c.reached for c in calls)
