"""What a plan looks like from outside (预览摘要): a digest of the whole, a mark of each line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from qingyuan.web.exchange.read.cells import as_text
from qingyuan.web.exchange.tables import Importer, Plan, Read

__all__ = ["digest_of", "marks_of", "moved", "report_of"]

_SHOWN = 30


def _said(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def marks_of(plan: Plan) -> dict[str, str]:
    """Return line number → verdict and what it would do, for every line of the plan."""
    return dict(_marks(plan))


def _marks(plan: Plan) -> Iterator[tuple[str, str]]:
    for row in plan.new:
        yield str(row.number), f"new {_said(row.values)}"
    for change in plan.changed:
        yield str(change.row.number), f"changed {_said(change.fields)}"
    for row in plan.same:
        yield str(row.number), "same"
    for fault in plan.wrong:
        yield str(fault.row), f"wrong {fault.problem.code}"


def digest_of(marks: Mapping[str, str]) -> str:
    """Return the SM3 of a plan's marks."""
    return hashlib.new("sm3", _said(marks).encode("utf-8", "surrogatepass")).hexdigest()


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the lines that would now do something else: line, verdict before, verdict now."""
    lines = [
        {"row": int(row), "was": _verdict(before.get(row)), "is": _verdict(after.get(row))}
        for row in sorted(before.keys() | after.keys(), key=int)
        if before.get(row) != after.get(row)
    ]
    return lines


def _verdict(mark: str | None) -> str:
    return mark.partition(" ")[0] if mark else "none"


def report_of(importer: Importer, read: Read, plan: Plan) -> dict[str, object]:
    """Return what the page shows besides counts and faults: notices, and the first changes."""
    columns = {c.name: c for c in importer.sheet.columns}
    keys = importer.sheet.key or tuple(c.name for c in importer.sheet.columns[:1])

    def named(values: Mapping[str, object]) -> str:
        return " ".join(as_text(values.get(name, "")) for name in keys)[:120]

    def change(name: str, pair: tuple[object, object]) -> dict[str, str]:
        column = columns.get(name)
        was, now = (_shown(value) for value in pair)
        zh, en = (column.zh, column.en or column.zh) if column else (name, name)
        return {"zh": zh, "en": en, "was": was, "is": now}

    return {
        "sheet": read.sheet,
        "hidden": len(read.hidden),
        "hidden_lines": _ranges(read.hidden),
        "merged": [
            {"cells": m.cells, "column": columns[m.column].zh, "column_en": columns[m.column].en, "value": m.value, "rows": len(m.rows)}
            for m in read.merged[:_SHOWN]
        ],
        "merged_count": len(read.merged),
        "notes": [{"row": row, "text": text} for row, text in read.notes[:_SHOWN]],
        "ignored": list(read.ignored[:_SHOWN]),
        "other_sheets": list(read.other_sheets[:_SHOWN]),
        "new": [{"row": row.number, "key": named(row.values)} for row in plan.new[:_SHOWN]],
        "changed": [
            {
                "row": c.row.number,
                "key": named(c.row.values),
                "fields": [change(name, pair) for name, pair in c.fields.items()],
            }
            for c in plan.changed[:_SHOWN]
        ],
    }  # fmt: skip


def _shown(value: object) -> str:
    if value in (None, "", ()):
        return "—"
    if isinstance(value, tuple):
        return "、".join(map(str, value))[:120]
    return as_text(value)[:120]


def _ranges(lines: Iterable[int]) -> str:
    """Return line numbers as people write them: 3–7、9."""
    groups: list[list[int]] = []
    for line in lines:
        if groups and line == groups[-1][1] + 1:
            groups[-1][1] = line
        else:
            groups.append([line, line])
    said = [str(a) if a == b else f"{a}–{b}" for a, b in groups[:12]]
    return "、".join(said) + ("…" if len(groups) > 12 else "")
