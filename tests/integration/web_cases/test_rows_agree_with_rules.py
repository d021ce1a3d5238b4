"""The rows of the platform and the plain simulation of the rules are two engines that must agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import TypeVar

import pytest
from django.db import transaction

from case_town import uploads
from qingyuan.casework import Move, legal_deeds
from qingyuan.casework.clocks import due
from qingyuan.casework.simulate import advance, begin
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.audit import services as audit
from qingyuan.web.cases import selectors
from qingyuan.web.cases.models import Case, CaseClock
from qingyuan.web.cases.services import perform

pytestmark = pytest.mark.django_db
CREW = ("duty", "east1", "second", "head", "vice", "boss", "ent1")
T = TypeVar("T")
ONWARD = 0.7  # how often the walk prefers a deed that moves the case


def _values(deed, at, dice: random.Random) -> dict[str, object]:
    made: dict[str, object] = {}
    for field in deed.fields:
        made[field.name] = {
            "date": city_date(at) + timedelta(days=dice.randint(0, 12)),
            "days": dice.randint(1, 12),
            "problems": ["私设管道", "台账缺失"][: dice.randint(0, 2)],
            "choice": next(iter(field.choices), ""),
            "unit": "east",
            "person": "east1",
            "enterprise": "E1",
        }.get(field.kind, dice.choice(["已办", "已办", "已办", ""]))
    return made


@pytest.mark.parametrize("seed", range(3))
def test_a_random_walk_leaves_the_same_facts_in_both(town, case, seed):
    dice = random.Random(seed)
    rules, calendar = case.rules, WorkCalendar.official()
    moment = begin(rules, enterprise=case.enterprise_id)
    done = 0
    for _ in range(45):
        town.at += timedelta(hours=dice.choice([1, 1, 6, 30]))
        options = [
            (deed, who)
            for who in CREW
            for deed in legal_deeds(
                rules, facts=moment.facts, actor=selectors.actor_of(town.who(who), at=town.at)
            )
        ]
        moving = [o for o in options if o[0].chain or o[0].to not in ("=", moment.facts.state)]
        deed, who = dice.choice(moving if moving and dice.random() < ONWARD else options)
        kinds = [*deed.offers, *(k for need in deed.evidence for k in need.kinds)]
        handed = sorted(k for k in set(kinds) if dice.random() < 0.8)
        given = {k: v for k, v in _values(deed, town.at, dice).items() if v not in ("", [])}
        move = Move(
            deed.name,
            selectors.actor_of(town.who(who), at=town.at),
            town.at,
            MappingProxyType(given),
            frozenset(handed),
        )
        refused, after = _try(partial(advance, rules, moment, move))
        refused_too, _ = _try(partial(_perform, town, case, move))
        assert refused_too == refused
        if after is None:
            continue
        moment = after
        done += 1
        case = Case.objects.get(pk=case.pk)
        facts = replace(selectors.facts_of(case), given=moment.facts.given)
        assert facts == replace(moment.facts, done_by=facts.done_by, parts=facts.parts)
        lead = next((p for p in facts.parts if p.role == "lead" and p.is_open), None)
        assert (lead.unit if lead else None) == facts.unit
        assert {k: v for k, v in facts.done_by.items() if k != "open"} == moment.facts.done_by
        assert (case.ledger, case.phase) == (moment.ledger.value, moment.phase.value)
        _clocks_agree(case, moment, calendar)
    assert done > 12
    assert audit.verify() is None


def _perform(town, case: Case, move: Move) -> Case:
    return perform(
        case=case,
        deed=move.deed,
        by=town.who(move.actor.id),
        at=move.at,
        data=move.given,
        evidence=uploads(*sorted(move.evidence)),
    )


def _try(act: Callable[[], T]) -> tuple[str, T | None]:
    """Return the refusal's code and nothing, or no code and what came of it."""
    try:
        with transaction.atomic():
            return "", act()
    except Problem as problem:
        return problem.code, None


def _clocks_agree(case: Case, moment, calendar: WorkCalendar) -> None:
    """Every clock ends at the same instant in both; the case carries the next of them."""
    ends = []
    for name, records in moment.clocks.items():
        rows = list(CaseClock.objects.filter(case=case, name=name).order_by("started_at", "pk"))
        assert len(rows) == len(records)
        for row, record in zip(rows, records, strict=True):
            assert (row.stopped_at is None) == (record.stopped is None)
            if record.stopped is None:
                assert row.due_at == due(record, calendar=calendar)
                ends += [row.due_at] if row.due_at else []
    assert case.due_at == min(ends, default=None)
