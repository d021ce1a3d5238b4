"""Give a fresh city a hundred thousand cases with a million deeds, for a benchmark only.

    python bench/cases/fill.py COUNT        (QINGYUAN_DATA names the folder)

Cases walk the way their procedure calls onward; each is cut off at some deed or runs to its end.
Rows are copied into the tables in bulk and have no audit entries, which no real deed could do.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from qingyuan.cli.attach import attached_city

DONE_SHARE = 0.7
LEAST_DEEDS = 10.0  # on average; short procedures are given notes
SPREAD_DAYS = 900
TITLES = (
    "断面氨氮超标",
    "排污口总磷异常",
    "工地扬尘扰民",
    "夜间施工噪声",
    "餐饮油烟投诉",
    "河道垃圾清理",
)


def main() -> None:
    """Load the demo city's people and places, make the cases, say how many there are."""
    with attached_city() as (_, at):
        from django.db import connection, transaction

        from qingyuan.web.cases.models import Case, Deed
        from qingyuan.web.statistics.services import freshen

        with transaction.atomic():
            _city(at)
            _fill(int(sys.argv[1]), at=at)
        freshen(at=at, most=int(sys.argv[1]))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what autovacuum does within a minute
        print(Case.objects.count(), Deed.objects.count())


def _city(at: datetime) -> None:
    from qingyuan.cities import read_city, shipped_city
    from qingyuan.web.accounts.models import User
    from qingyuan.web.audit.services import SYSTEM
    from qingyuan.web.registry.services import load_city

    if not User.objects.exists():
        load_city(read_city(shipped_city("demo")), by=SYSTEM, at=at)


def _way(rules: Any) -> list[tuple[str, str, str]]:
    """Return the shortest way from the first state to a strike-off: (deed, from, to)."""
    from qingyuan.web.cases.selectors.turn import is_onward

    reached: dict[str, list[tuple[str, str, str]]] = {rules.initial: []}
    waiting = [rules.initial]
    best: list[tuple[str, str, str]] = []
    while waiting:
        state = waiting.pop(0)
        if rules.states[state].terminal:
            best = max(best, reached[state], key=len)
            continue
        for deed in rules.deeds.values():
            if state not in deed.states or not is_onward(rules, deed, state):
                continue
            to = rules.targets(deed, state)[-1]
            if to not in reached:
                steps = len(rules.chains[deed.chain].steps) - 1 if deed.chain else 0
                reached[to] = [*reached[state], *[(deed.name, state, state)] * steps,
                               (deed.name, state, to)]  # fmt: skip
                waiting.append(to)
    return best


def _fill(count: int, *, at: datetime) -> None:
    from qingyuan import casework
    from qingyuan.web.cases import models
    from qingyuan.web.cases.services.versions import version_of
    from qingyuan.web.registry.models import Enterprise, Responsibility

    chance = random.Random(1)
    ways = {name: _way(rules) for name, rules in casework.shipped().items()}
    versions = {name: version_of(name, at=at) for name, way in ways.items() if way}
    names = sorted(versions, key=lambda name: (name != "exceedance", name))
    weights = [0.4 if name == "exceedance" else 0.6 / max(1, len(names) - 1) for name in names]
    places = list(
        Responsibility.objects.filter(valid_to=None).exclude(user=None).select_related("unit")
    )
    firms = list(Enterprise.objects.values_list("code", flat=True))
    matters = [m for m, _ in models.case.MATTERS]
    types = ("water", "air", "noise", "waste", "soil")
    made: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("Case", "CaseType", "CasePart", "Deed", "CaseClock", "ProblemItem")
    }
    for n in range(1, count + 1):
        name = chance.choices(names, weights)[0]
        rules, version, place = versions[name].rules, versions[name], chance.choice(places)
        history = ways[name]
        whole = chance.random() < DONE_SHARE
        kept = len(history) if whole else chance.randint(0, len(history) - 1)
        pace = timedelta(hours=chance.expovariate(1 / 20) + 1)
        notes = max(0, round(LEAST_DEEDS * (1.02 if whole else 0.95)) - kept)
        back = timedelta(
            days=(SPREAD_DAYS * chance.random() ** 2) if whole else 40 * chance.random()
        )
        opened = at - back - pace * (kept + 1)
        state = rules.states[history[kept - 1][2] if kept else rules.initial]
        last = opened + pace * kept
        due = opened + timedelta(days=chance.choice((5, 10, 15, 30)))
        begun = kept > 0
        closed = last if state.terminal else None
        case = {
            "id": n, "number": f"BM{opened.year}{place.district_id}{n:06d}", "procedure_id": version.pk,
            "state": state.name, "ledger": state.ledger.value, "phase": state.phase.value,
            "round": 2 if chance.random() < 0.03 else 1,
            "title": f"{chance.choice(TITLES)}（第 {n} 件）", "summary": "",
            "matter": chance.choice(matters), "level": chance.choice((3, 4, 4, 4)),
            "district_id": place.district_id, "origin_kind": chance.choice(("signal", "manual", "petition")),
            "origin_ref": f"bench:{n}", "origin_label": "测量用", "enterprise_id": chance.choice((None, *firms[:60])),
            "unit_id": place.unit_id if begun else None, "person_id": place.user_id if begun else None,
            "sponsor_id": place.sponsor_id, "opened_by": "测量", "opened_at": opened,
            "assigned_at": opened + pace if begun else None, "closed_at": closed,
            "signed_at": opened + pace * 2 if kept > 1 else None, "acted_at": opened + pace * 3 if kept > 2 else None,
            "closed_by": "测量" if closed else None, "changed_at": last,
            "due_at": due if begun and not closed else None, "paused": not closed and chance.random() < 0.02,
            "types": [chance.choice(types)], "source_system": "bench", "source_no": f"{n}",
            "immediate": chance.random() < 0.05,
            "truth": chance.choice(("proven", "mostly", "partly", "unproven")) if whole else "",
            "progress": chance.choice(("done", "staged")) if whole else "",
        }  # fmt: skip
        made["Case"].append(case)
        made["CaseType"].append({"case_id": n, "type": case["types"][0]})
        if chance.random() < 0.2:
            made["CaseType"].append({"case_id": n, "type": "other"})
        steps = [("open", "", rules.initial), *history[:kept]]
        steps[1:1] = [("note", rules.initial, rules.initial)] * notes
        for seq, (deed, before, after) in enumerate(steps, 1):
            moved = max(0, seq - 1 - notes)
            made["Deed"].append(
                {"case_id": n, "seq": seq, "round": 1, "name": deed, "from_state": before,
                 "to_state": after, "by": "测量", "doer_id": place.user_id, "at": opened + pace * moved,
                 "clause": "", "given": {"note": "测量用"}}
            )  # fmt: skip
        if begun:
            clock = next(iter(rules.clocks.values()))
            made["CaseClock"].append(
                {"case_id": n, "round": 1, "name": clock.name, "unit": "day", "length": 10,
                 "started_at": opened + pace, "stopped_at": closed, "due_at": max(due, opened + pace)}
            )  # fmt: skip
            made["CasePart"].append(
                {"case_id": n, "round": 1, "role": "lead", "state": "signed" if kept > 1 else "given",
                 "unit_id": place.unit_id, "person_id": place.user_id, "given_by": "测量",
                 "given_at": opened + pace, "signed_at": case["signed_at"], "reason": "", "report": "",
                 "return_reason": ""}
            )  # fmt: skip
        if kept > 4:
            made["ProblemItem"].append(
                {"case_id": n, "round": 1, "number": 1, "text": "测量用", "due_on": due.date(),
                 "settled_at": closed}
            )  # fmt: skip
        if len(made["Case"]) >= 10_000:
            _pour(models, made)
    _pour(models, made)


def _pour(models: Any, made: Mapping[str, list[dict[str, Any]]]) -> None:
    """Copy what was made into the tables and forget it; tables that do not exist are passed over."""
    for name, rows in made.items():
        model = getattr(models, name, None)
        if model is not None and rows:
            _copy(model, rows)
        rows.clear()


def _copy(model: Any, rows: list[dict[str, Any]]) -> None:
    """Copy *rows* into the table of *model*; what a row leaves out gets the field's default."""
    from django.db import connection

    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and "id" not in rows[0])]
    plain = {f.attname: _plain(f) for f in fields if f.attname not in rows[0]}
    columns = ", ".join(f'"{f.column}"' for f in fields)
    with connection.cursor() as cursor:
        with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
            for row in _values(fields, rows, plain):
                copy.write_row(row)
        if "id" in rows[0]:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), %s)",
                [rows[-1]["id"]],
            )


def _plain(field: Any) -> Any:
    value = field.get_default()
    return "" if value is None and not field.null else value


def _values(fields: list[Any], rows: Iterable[dict[str, Any]], plain: dict[str, Any]) -> Iterator[list[Any]]:  # fmt: skip
    import json

    is_json = [f.get_internal_type() == "JSONField" for f in fields]
    for row in rows:
        yield [
            json.dumps(value) if wrapped else value
            for wrapped, value in zip(
                is_json, (row.get(f.attname, plain.get(f.attname)) for f in fields), strict=True
            )
        ]


if __name__ == "__main__":
    main()
