"""What changes by date: targets of sections and the responsibility matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from qingyuan import cities
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.registry.models import Responsibility, Section, SectionTarget

__all__ = ["put_responsibilities", "put_targets"]

Tally = tuple[int, int, int, int]


def put_targets(targets: Mapping[str, str], *, at: datetime) -> Tally:
    """Keep each section's target class; a new one holds from today (水质目标)."""
    today = city_date(at)
    new = changed = same = 0
    sections = {s.code: s for s in Section.objects.prefetch_related("targets")}
    for code, target in targets.items():
        held = sections[code].target_on(today)
        if held == target:
            same += 1
        elif not held:
            SectionTarget.objects.create(section_id=code, target_class=target, valid_from=None)
            new += 1
        else:
            SectionTarget.objects.update_or_create(
                section_id=code, valid_from=today, defaults={"target_class": target}
            )
            changed += 1
    return new, changed, same, len(set(sections) - set(targets))


def put_responsibilities(rows: Iterable[cities.Responsibility], *, at: datetime) -> Tally:
    """Keep the matrix; who is replaced answers until today, who replaces from today (责任矩阵)."""
    today = city_date(at)
    units = dict(Unit.objects.values_list("code", "pk"))
    people = dict(User.objects.values_list("username", "pk"))
    held = {(r.district_id, r.matter): r for r in Responsibility.objects.filter(valid_to=None)}
    given = set()
    new = changed = same = 0
    for row in rows:
        key = (row.district_code, row.matter)
        given.add(key)
        who = {
            "unit_id": units[row.unit_code],
            "user_id": people[row.username],
            "sponsor_id": people[row.sponsor] if row.sponsor else None,
        }
        old = held.get(key)
        if old and all(getattr(old, name) == value for name, value in who.items()):
            same += 1
            continue
        if old:
            Responsibility.objects.filter(pk=old.pk).update(valid_to=today)
        Responsibility.objects.create(
            district_id=row.district_code,
            matter=row.matter,
            valid_from=today if old else None,
            **who,
        )
        new, changed = (new, changed + 1) if old else (new + 1, changed)
    return new, changed, same, len(set(held) - given)
