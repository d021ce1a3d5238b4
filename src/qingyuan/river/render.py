"""Writing an event (写出事件文件夹): its files as text, and one digest of all its values."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qingyuan.river.event import Event
from qingyuan.river.tables import FIELD, NEEDED, NUM, TABLES, TIME

__all__ = ["event_digest", "render_event", "write_event"]


def render_event(event: Event) -> Mapping[str, str]:
    """Return the files of the event folder as text, by name; empty optional tables are left out."""
    files = {"event.toml": _render_head(event)}
    for name, (_, columns) in TABLES.items():
        rows = getattr(event, FIELD.get(name, name))
        if rows or name in NEEDED:
            files[f"{name}.csv"] = _render_table(
                rows, [c for c, _, _ in columns], event.extras.get(name, {})
            )
    return files


def write_event(event: Event, folder: Path | str) -> Path:
    """Write *event* as an event folder; ``read_event`` gives the same event back."""
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    for name, text in render_event(event).items():
        (home / name).write_text(text, "utf-8")
    return home


def event_digest(event: Event) -> str:
    """Return the SHA-256 of all the event's values: equal events have equal digests."""
    digest = hashlib.sha256(_render_head(event).encode())
    for name, (_, columns) in TABLES.items():
        rows = getattr(event, FIELD.get(name, name))
        digest.update(f"\0{name} {len(rows)}".encode())
        for (column, kind, _), values in zip(columns, zip(*rows, strict=True), strict=False):
            digest.update(f"\0{column}\0".encode())
            digest.update("\n".join(_texts(kind, values)).encode())
        for column, kept in event.extras.get(name, {}).items():
            digest.update(f"\0{column}\0{chr(10).join(kept)}".encode())
    return digest.hexdigest()


def _texts(kind: str, values: Sequence[Any]) -> list[str]:
    """Return one text per value; a number reads the same whether it came as 60 or 60.0."""
    if kind == NUM:
        return ["" if v is None else repr(float(v)) for v in values]
    if kind == TIME:
        told = {v: v.isoformat() for v in set(values)}
        return [told[v] for v in values]
    return [str(v) for v in values]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _render_table(
    rows: Iterable[tuple[Any, ...]],
    columns: Sequence[str],
    extra: Mapping[str, tuple[str, ...]],
) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns, *extra])
    stamps: dict[datetime, str] = {}
    for i, row in enumerate(rows):
        cells = []
        for value in row:
            if isinstance(value, datetime):
                if value not in stamps:
                    stamps[value] = value.isoformat()
                cells.append(stamps[value])
            else:
                cells.append(_cell(value))
        cells.extend(column[i] for column in extra.values())
        writer.writerow(cells)
    return out.getvalue()


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _render_head(event: Event) -> str:
    alarm = event.alarm
    lines = [f"name = {_quote(event.name)}", "", "[alarm]"]
    lines += [f"section = {_quote(alarm.section)}", f"factor = {_quote(alarm.factor)}"]
    lines += [f'first_exceeded = "{alarm.first_exceeded.isoformat()}"']
    lines += [f'detected_at = "{alarm.detected_at.isoformat()}"']
    if alarm.limit is not None:
        lines.append(f"limit = {_cell(float(alarm.limit))}")
    lines += ["", "[window]", f'start = "{event.start.isoformat()}"']
    lines += [f'end = "{event.end.isoformat()}"', "", "[uncertainty]"]
    lines += [
        f"{key} = {_cell(float(getattr(event, key)))}"
        for key in ("flow_rel_sd", "velocity_rel_sd", "reading_rel_sd")
    ]
    inflow = ", ".join(_quote(r) for r in event.inflow_reaches)
    lines += ["", "[boundary]", f"inflow_reaches = [{inflow}]"]
    for code, factor in event.factors.items():
        lines += ["", f"[factors.{_quote(code)}]", f"name = {_quote(factor.name)}"]
        lines += [f"unit = {_quote(factor.unit)}"]
        lines += [f"decay_per_day = {_cell(float(factor.decay_per_day))}"]
        lines += [f"detection_limit = {_cell(float(factor.detection_limit))}"]
    return "\n".join(lines) + "\n"
