"""The event folder (事件文件夹): read the exchange format; faults are gathered with file and row."""

from __future__ import annotations

import csv
import gzip
import io
import tomllib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qingyuan.core.problems import Problem, Problems
from qingyuan.river.check import check_event
from qingyuan.river.event import Alarm, Event, EventFactor
from qingyuan.river.tables import BOOL, DEFAULTS, FIELD, NEEDED, NUM, TABLES, TEXT, TIME, TIMED_OUT
from qingyuan.river.usable import usable

__all__ = ["read_event"]


def read_event(folder: Path | str) -> Event:
    """Read an event folder (读取事件文件夹).

    Parameters
    ----------
    folder : path
        Holds ``event.toml`` and the CSV files, plain or gzipped; ``network`` in ``event.toml``
        names a second folder, searched for files that are not in the first.

    Returns
    -------
    Event
        Rows later than ``detected_at``, and what `usable` finds of no use, are left out and told
        in ``notes``; factors declared in µg/L are converted to mg/L.

    Raises
    ------
    Problem
        ``river.no_event`` if there is no readable ``event.toml``.
    Problems
        Every fault found in the tables, with file, row and column.
    """
    home = Path(folder)
    head, problems = _read_head(home)
    places = [home]
    network = head.get("network")
    if isinstance(network, str):
        places.append(home / network)
    tables: dict[str, tuple[Any, ...]] = {}
    extras: dict[str, dict[str, tuple[str, ...]]] = {}
    notes: list[tuple[str, str]] = []
    lines: dict[str, list[int]] = {}
    now = head["alarm"].detected_at
    for name in TABLES:
        path = _find(places, f"{name}.csv")
        if path is None:
            if name in NEEDED:
                problems.append(Problem("river.missing_file", file=f"{name}.csv", folder=home.name))
            tables[name] = ()
            continue
        rows, extra, numbers = _read_table(name, path, problems)
        lines[name] = numbers
        if name in TIMED_OUT:
            kept = [i for i, row in enumerate(rows) if row.time <= now]
            if len(kept) < len(rows):
                late = len(rows) - len(kept)
                notes.append(
                    (
                        f"{path.name} 有 {late} 行晚于预警时刻，未使用。",
                        f"{path.name}: {late} rows are later than the alarm and were not used.",
                    )
                )
                rows = [rows[i] for i in kept]
                lines[name] = [numbers[i] for i in kept]
                extra = {c: tuple(v[i] for i in kept) for c, v in extra.items()}
        if extra:
            names = ", ".join(extra)
            notes.append(
                (
                    f"{path.name} 的列 {names} 不认识，已保留、未使用。",
                    f"{path.name}: unknown columns {names} are kept and not used.",
                )
            )
            extras[name] = extra
        tables[name] = tuple(rows)
    Problems.raise_any(problems)
    by_field: dict[str, Any] = {FIELD.get(n, n): rows for n, rows in tables.items()}
    event = Event(
        name=head["name"],
        alarm=head["alarm"],
        start=head["start"],
        end=head["end"],
        factors=head["factors"],
        inflow_reaches=head["inflow_reaches"],
        extras=extras,
        notes=tuple(notes),
        **head["uncertainty"],
        **by_field,
    )
    check_event(event, lines=lines)
    return usable(event, lines=lines)


def _find(places: Sequence[Path], name: str) -> Path | None:
    for place in places:
        for path in (place / name, place / f"{name}.gz"):
            if path.is_file():
                return path
    return None


def _read_head(home: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Read ``event.toml``; without alarm and factors nothing else can be judged, so those raise."""
    path = home / "event.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise Problem("river.no_event", folder=home.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Problem("river.bad_toml", file="event.toml", reason=str(fault)) from None
    problems: list[Problem] = []

    def at(table: str, key: str) -> Any:
        value = raw.get(table, {}).get(key)
        if value is None:
            problems.append(Problem("river.missing_key", file="event.toml", key=f"{table}.{key}"))
        return value

    def when(table: str, key: str) -> datetime | None:
        value = at(table, key)
        if value is None:
            return None
        found = value if isinstance(value, datetime) else _as_time(str(value))
        if found is None or found.tzinfo is None:
            problems.append(
                Problem(
                    "river.bad_cell", file="event.toml", row=0, column=f"{table}.{key}", given=value
                )
            )
            return None
        return found

    section, factor = at("alarm", "section"), at("alarm", "factor")
    first, now = when("alarm", "first_exceeded"), when("alarm", "detected_at")
    start, end = when("window", "start"), when("window", "end")
    Problems.raise_any(problems)
    assert first is not None
    assert now is not None
    limit = raw["alarm"].get("limit")
    factors = {
        code: EventFactor(
            code=code,
            name=str(row.get("name", "")),
            unit=str(row.get("unit", "mg/L")),
            decay_per_day=float(row.get("decay_per_day", 0)),
            detection_limit=float(row.get("detection_limit", 0)),
        )
        for code, row in raw.get("factors", {}).items()
    }
    known = raw.get("uncertainty", {})
    return {
        "name": str(raw.get("name", home.name)),
        "network": raw.get("network"),
        "alarm": Alarm(
            str(section), str(factor), first, now, None if limit is None else float(limit)
        ),
        "start": start,
        "end": end,
        "factors": factors,
        "inflow_reaches": tuple(raw.get("boundary", {}).get("inflow_reaches", ())),
        "uncertainty": {
            key: float(known[key])
            for key in ("flow_rel_sd", "velocity_rel_sd", "reading_rel_sd")
            if key in known
        },
    }, problems


def _as_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _as_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None  # NaN and infinities are no numbers


def _read_table(
    name: str, path: Path, problems: list[Problem]
) -> tuple[list[Any], dict[str, tuple[str, ...]], list[int]]:
    """Return the rows, the columns nobody knows, and the line of each row in its file."""
    make, columns = TABLES[name]
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        lines = csv.reader(io.StringIO(text.decode("utf-8-sig")))
        header = next(lines, [])
    except UnicodeDecodeError:
        problems.append(Problem("river.not_utf8", file=path.name))
        return [], {}, []
    place = {column: i for i, column in enumerate(header)}
    missing = [c for c, _, required in columns if required and c not in place]
    if missing:
        problems.append(Problem("river.missing_column", file=path.name, columns=", ".join(missing)))
        return [], {}, []
    defaults = DEFAULTS.get(name, {})
    plan = [(c, place.get(c), kind, required, defaults.get(c)) for c, kind, required in columns]
    unknown = [c for c in header if c not in {c for c, _, _ in columns}]
    rows: list[Any] = []
    numbers: list[int] = []
    extra: dict[str, list[str]] = {c: [] for c in unknown}
    times: dict[str, datetime | None] = {}
    for number, cells in enumerate(lines, start=2):
        if not cells:
            continue
        values: list[Any] = []
        for column, i, kind, required, default in plan:
            cell = cells[i] if i is not None and i < len(cells) else ""
            value: Any
            if cell == "":
                value = "" if kind == TEXT and default is None else default
                faulty = required
                if kind == BOOL:
                    value = False
            elif kind == TEXT:
                value, faulty = cell, False
            elif kind == NUM:
                value = _as_number(cell)
                faulty = value is None
            elif kind == TIME:
                if cell not in times:
                    times[cell] = _as_time(cell)
                value = times[cell]
                faulty = value is None or value.tzinfo is None
            else:
                value, faulty = cell not in ("0", "false", "否"), False
            if faulty:
                problems.append(
                    Problem("river.bad_cell", file=path.name, row=number, column=column, given=cell)
                )
            values.append(value)
        rows.append(values)
        numbers.append(number)
        for c in unknown:
            extra[c].append(cells[place[c]] if place[c] < len(cells) else "")
    if any(p.values.get("file") == path.name for p in problems):
        return [], {}, []
    kept = {c: tuple(v) for c, v in extra.items()}
    return [make(*values) for values in rows], kept, numbers
