"""Give a running demo city thousands of cases, for a benchmark only.

    python bench/demo/fill.py COUNT        (QINGYUAN_DATA names the folder)

Each is a copy of one of the demo's own concluded cases, cut off after some deed, in another
district and time; rows are made in bulk and have no audit entries, which no real deed could do.
"""

from __future__ import annotations

import copy
import random
import sys
from datetime import datetime, timedelta

from qingyuan.cli.attach import attached_city

DONE_SHARE = 0.75
SPREAD_DAYS = 700


def main() -> None:
    """Make the cases and print how many there are."""
    with attached_city() as (_, at):
        from django.db import connection, transaction

        from qingyuan.web.cases.models import Case

        with transaction.atomic():
            fill(int(sys.argv[1]), at=at)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what autovacuum does within a minute
        print(Case.objects.count())


def fill(count: int, *, at: datetime) -> None:
    """Make *count* cases with their deeds, assignments and sign-offs."""
    from qingyuan.web.cases.models import Assignment, Case, Deed, SignOff
    from qingyuan.web.registry.models import Responsibility

    chance = random.Random(1)
    whole = list(Case.objects.exclude(closed_at=None).select_related("procedure"))
    deeds = {c.pk: list(c.deeds.order_by("seq")) for c in whole}
    signs = {c.pk: list(c.signoffs.all()) for c in whole}
    places = list(
        Responsibility.objects.filter(matter="water", valid_to=None).select_related("unit", "user")
    )
    made: list[tuple[Case, Case, int, timedelta]] = []
    for n in range(count):
        model, place = chance.choice(whole), chance.choice(places)
        history = deeds[model.pk]
        kept = len(history) if chance.random() < DONE_SHARE else chance.randint(1, len(history) - 1)
        back = timedelta(days=SPREAD_DAYS * chance.random() ** 2) if kept == len(history) else (
            timedelta(days=30 * chance.random())
        )  # fmt: skip
        shift = at - back - history[kept - 1].at
        case = copy.copy(model)
        case.pk, case._state = None, copy.copy(model._state)
        case.number = f"JDBENCH{n:06d}"
        case.origin_ref = f"bench:{n}"
        case.district_id, case.unit, case.person = place.district_id, place.unit, place.user
        state = model.rules.states[history[kept - 1].to_state]
        case.state, case.ledger, case.phase = state.name, state.ledger.value, state.phase.value
        case.opened_at = model.opened_at + shift
        case.changed_at = history[kept - 1].at + shift
        case.closed_at = model.closed_at + shift if state.terminal else None
        case.closed_by = model.closed_by if state.terminal else None
        case.assigned_at = model.assigned_at + shift if model.assigned_at and kept > 1 else None
        case.due_at = None if state.terminal else case.changed_at + timedelta(days=10)
        made.append((case, model, kept, shift))
    Case.objects.bulk_create([case for case, *_ in made], batch_size=500)
    Deed.objects.bulk_create(
        [
            _moved(d, case, shift)
            for case, model, kept, shift in made
            for d in deeds[model.pk][:kept]
        ],
        batch_size=2000,
    )
    SignOff.objects.bulk_create(
        [
            _moved(s, case, shift)
            for case, model, kept, shift in made
            if kept == len(deeds[model.pk])
            for s in signs[model.pk]
        ],
        batch_size=2000,
    )
    Assignment.objects.bulk_create(
        [
            Assignment(
                case=case, round=1, unit=case.unit, person=case.person,
                assigned_by=case.opened_by, assigned_at=case.assigned_at,
            )
            for case, *_ in made
            if case.assigned_at
        ],
        batch_size=2000,
    )  # fmt: skip


def _moved(row, case, shift: timedelta):
    found = copy.copy(row)
    found.pk, found._state = None, copy.copy(row._state)
    found.case, found.at = case, row.at + shift
    return found


if __name__ == "__main__":
    main()
