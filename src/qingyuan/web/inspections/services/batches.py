"""Batches (交办批次): state what was announced, bring the list in, hand it over the same day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from qingyuan.casework.texts.bulletin import Bulletin, read_bulletin
from qingyuan.casework.texts.receipt import plain_number, read_receipt
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.cases.services import Origin, open_case, perform
from qingyuan.web.inspections.models import Batch, Item, Round
from qingyuan.web.inspections.services.routing import MATTER_OF, propose

__all__ = [
    "Assigned",
    "Listed",
    "assign_items",
    "read_text",
    "register_item",
    "state_batch",
    "take_batch",
]


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a batch's list, read and checked: ready to be registered."""

    row: int
    number: str
    channel: str
    problem: str
    district_code: str
    types: tuple[str, ...]
    units: tuple[str, ...] = ()
    focus: bool = False
    watcher: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of one item of a batch (逐件结果)."""

    item: Item
    problem: Problem | None = None


def read_text(text: str, *, round_: Round) -> Bulletin:
    """Read a pasted bulletin; the year is the round's when the text names none.

    Raises
    ------
    Problem
        ``inspections.bulletin_unread`` when it holds no count; ``inspections.bulletin_partial``
        when it names no batch or no day.
    """
    names = Unit.objects.values_list("name_zh", flat=True)
    said = read_bulletin(text, year=round_.from_on.year, units=frozenset(names))
    if said.nothing:
        raise Problem("inspections.bulletin_unread", begin=text.strip()[:30] or "—")
    if said.batch is None or said.day is None:
        raise Problem("inspections.bulletin_partial")
    return said


@transaction.atomic
def take_batch(*, round_: Round, number: int, day: date, by: User | None, at: datetime) -> Batch:
    """Return the batch of a round, registered now when it is new; its day never changes silently."""
    who = Actor.of(by).label if by else audit.SYSTEM.label
    batch, fresh = Batch.objects.get_or_create(
        round=round_,
        number=number,
        defaults={"day": day, "registered_by": who, "registered_at": at},
    )
    if batch.day != day:
        raise Problem(
            "inspections.batch_day", number=number, day=batch.day.isoformat(), given=day.isoformat()
        )
    if fresh:
        audit.record(
            actor=Actor.of(by) if by else audit.SYSTEM,
            deed="inspections.batch",
            target=f"inspection_batch:{batch.pk}",
            at=at,
            detail={"round": round_.code, "number": number, "day": day.isoformat()},
        )
    return batch


@transaction.atomic
def state_batch(*, round_: Round, text: str, by: User, at: datetime) -> Batch:
    """Keep what a bulletin announced, beside the rows registered (登记通报数)."""
    said = read_text(text, round_=round_)
    if said.batch is None or said.day is None:
        raise Problem("inspections.bulletin_partial")
    batch = take_batch(round_=round_, number=said.batch, day=said.day, by=by, at=at)
    batch.items_stated, batch.calls, batch.letters = said.items, said.calls, said.letters
    batch.focus, batch.cumulative = said.focus, said.cumulative
    batch.cumulative_focus, batch.problems = said.cumulative_focus, said.problems
    batch.by_unit, batch.by_type = dict(said.by_unit), dict(said.by_type)
    batch.joint = [{"items": j.items, "units": list(j.units)} for j in said.joint]
    batch.unread, batch.text = list(said.unread), text.strip()
    batch.stated_by, batch.stated_at = str(by), at
    batch.save()
    audit.record(
        actor=Actor.of(by),
        deed="inspections.state",
        target=f"inspection_batch:{batch.pk}",
        at=at,
        detail={"items": said.items, "differences": [d.what for d in said.differences]},
    )
    return batch


@transaction.atomic
def register_item(batch: Batch, listed: Listed, *, by: User, at: datetime) -> Item:
    """Open the case of one item, number it and register it (登记); its number is its source.

    Raises
    ------
    Problem
        ``cases.source_taken`` when the number has its case already, and what `open_case` raises.
    """
    number = plain_number(listed.number)
    parts = read_receipt(number)
    label = f"{batch.round.group} 第{batch.number}批"
    case = open_case(
        procedure="inspection_item",
        title=f"督察交办件 {number}",
        matter=MATTER_OF[listed.types[0]] if listed.types else "inspection",
        district_code=listed.district_code,
        origin=Origin("inspection", f"batch:{batch.pk}", label),
        enterprise_id=None,
        by=by,
        at=at,
        level=3 if listed.focus else 4,
        types=listed.types,
        form={
            "batch": f"{batch.round.code}-{batch.number}",
            "channel": listed.channel,
            "focus": listed.focus,
            "problem": listed.problem,
            "watcher": listed.watcher,
            "note": listed.note,
        },
        source=("inspection", number),
    )
    item = Item.objects.create(
        case=case,
        batch=batch,
        number=number,
        row=listed.row,
        channel=listed.channel,
        received_on=parts.day if parts else None,
        serial=parts.serial if parts else None,
        focus=listed.focus,
        units=list(listed.units),
    )
    perform(case=case, deed="register", by=by, at=at, data={"assign_on": city_date(at)})
    return item


def assign_items(
    items: Collection[Item],
    *,
    by: User,
    at: datetime,
    given: Mapping[int, Mapping[str, Any]] | None = None,
) -> list[Assigned]:
    """Hand items over, each in a savepoint of its own, and say what became of each (当日交办).

    Parameters
    ----------
    given : mapping, optional
        Item key → the values of the assign deed, where a person chose otherwise than proposed.
    """
    outcomes = []
    with transaction.atomic():
        for item in items:
            try:
                with transaction.atomic():
                    data = (given or {}).get(item.pk) or _proposed(item, at=at)
                    perform(case=item.case, deed="assign", by=by, at=at, data=data)
            except Problem as problem:
                outcomes.append(Assigned(item, problem))
            else:
                outcomes.append(Assigned(item))
    return outcomes


def _proposed(item: Item, *, at: datetime) -> dict[str, object]:
    found = propose(item, at=at)
    if found.problem:
        raise found.problem
    if found.unit is None or found.person is None:
        raise Problem("inspections.nobody_proposed", number=item.number)
    return {
        "unit": found.unit.code,
        "person": found.person.username,
        "co_units": [unit.code for unit in found.others],
    }
