"""The event folder (事件文件夹): read and write the exchange format; faults gathered by row."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qingyuan.core.problems import Problem, Problems
from qingyuan.river.check import check_event
from qingyuan.river.event import (
    Alarm,
    Event,
    EventFactor,
    FlowReading,
    MonitorReading,
    Outfall,
    ProfileRow,
    RainReading,
    Reach,
    Reading,
    Sample,
    Section,
)

__all__ = ["event_digest", "read_event", "render_event", "write_event"]

# table file → (row type, columns as (name in file, kind, required)); the order is that of the row
_TEXT, _NUM, _TIME, _BOOL = "text", "number", "time", "flag"
_Column = tuple[str, str, bool]
_TABLES: dict[str, tuple[Callable[..., Any], tuple[_Column, ...]]] = {
    "reaches": (
        Reach,
        (
            ("reach_id", _TEXT, True),
            ("to_reach_id", _TEXT, False),
            ("length_m", _NUM, True),
            ("slope", _NUM, True),
            ("manning_n", _NUM, True),
            ("bottom_width_m", _NUM, True),
            ("side_slope", _NUM, True),
            ("flow_m3_s", _NUM, True),
            ("flow_rel_sd", _NUM, False),
            ("kind", _TEXT, False),
        ),
    ),
    "flow": (
        FlowReading,
        (
            ("reach_id", _TEXT, True),
            ("time", _TIME, True),
            ("flow_m3_s", _NUM, False),
            ("flag", _TEXT, False),
        ),
    ),
    "rain": (RainReading, (("time", _TIME, True), ("mm", _NUM, True))),
    "sections": (
        Section,
        (
            ("section_id", _TEXT, True),
            ("reach_id", _TEXT, True),
            ("position_m", _NUM, True),
            ("kind", _TEXT, False),
            ("interval_min", _NUM, False),
            ("target_class", _TEXT, False),
        ),
    ),
    "readings": (
        Reading,
        (
            ("section_id", _TEXT, True),
            ("time", _TIME, True),
            ("factor", _TEXT, True),
            ("value", _NUM, False),
            ("flag", _TEXT, False),
        ),
    ),
    "outfalls": (
        Outfall,
        (
            ("outfall_id", _TEXT, True),
            ("reach_id", _TEXT, True),
            ("position_m", _NUM, True),
            ("class", _TEXT, False),
            ("trade", _TEXT, False),
            ("permitted_m3_d", _NUM, False),
            ("max_flow_m3_s", _NUM, False),
            ("prior_weight", _NUM, False),
            ("online", _BOOL, False),
        ),
    ),
    "profiles": (
        ProfileRow,
        (
            ("outfall_id", _TEXT, True),
            ("factor", _TEXT, True),
            ("n", _NUM, True),
            ("ln_mean", _NUM, True),
            ("ln_sd", _NUM, False),
        ),
    ),
    "online": (
        MonitorReading,
        (
            ("outfall_id", _TEXT, True),
            ("time", _TIME, True),
            ("quantity", _TEXT, True),
            ("value", _NUM, False),
            ("flag", _TEXT, False),
        ),
    ),
    "samples": (
        Sample,
        (
            ("reach_id", _TEXT, True),
            ("position_m", _NUM, True),
            ("time", _TIME, True),
            ("factor", _TEXT, True),
            ("value", _NUM, False),
        ),
    ),
}
_NEEDED = ("reaches", "sections", "readings", "outfalls")
_DEFAULTS: dict[str, dict[str, Any]] = {
    "reaches": {"kind": "river"},
    "outfalls": {"prior_weight": 1.0},
    "sections": {"kind": "auto"},
}
_FIELD = {"flow": "flows"}  # the table's name on `Event` where it differs from the file's
_TIMED_OUT = ("readings", "flow", "rain", "online")  # nothing later than now is kept


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
        Rows later than ``detected_at`` are left out and counted in ``notes``.

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
    now = head["alarm"].detected_at
    for name in _TABLES:
        path = _find(places, f"{name}.csv")
        if path is None:
            if name in _NEEDED:
                problems.append(Problem("river.missing_file", file=f"{name}.csv", folder=home.name))
            tables[name] = ()
            continue
        rows, extra = _read_table(name, path, problems)
        if name in _TIMED_OUT:
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
    by_field: dict[str, Any] = {_FIELD.get(n, n): rows for n, rows in tables.items()}
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
    check_event(event)
    return event


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
) -> tuple[list[Any], dict[str, tuple[str, ...]]]:
    make, columns = _TABLES[name]
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        lines = csv.reader(io.StringIO(text.decode("utf-8-sig")))
        header = next(lines, [])
    except UnicodeDecodeError:
        problems.append(Problem("river.not_utf8", file=path.name))
        return [], {}
    place = {column: i for i, column in enumerate(header)}
    missing = [c for c, _, required in columns if required and c not in place]
    if missing:
        problems.append(Problem("river.missing_column", file=path.name, columns=", ".join(missing)))
        return [], {}
    defaults = _DEFAULTS.get(name, {})
    plan = [(c, place.get(c), kind, required, defaults.get(c)) for c, kind, required in columns]
    unknown = [c for c in header if c not in {c for c, _, _ in columns}]
    rows: list[Any] = []
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
                value = "" if kind == _TEXT and default is None else default
                faulty = required
                if kind == _BOOL:
                    value = False
            elif kind == _TEXT:
                value, faulty = cell, False
            elif kind == _NUM:
                value = _as_number(cell)
                faulty = value is None
            elif kind == _TIME:
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
        for c in unknown:
            extra[c].append(cells[place[c]] if place[c] < len(cells) else "")
    if any(p.values.get("file") == path.name for p in problems):
        return [], {}
    return [make(*values) for values in rows], {c: tuple(v) for c, v in extra.items()}


def render_event(event: Event) -> Mapping[str, str]:
    """Return the files of the event folder as text, by name; empty optional tables are left out."""
    files = {"event.toml": _render_head(event)}
    for name, (_, columns) in _TABLES.items():
        rows = getattr(event, _FIELD.get(name, name))
        if rows or name in _NEEDED:
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
    for name, (_, columns) in _TABLES.items():
        rows = getattr(event, _FIELD.get(name, name))
        digest.update(f"\0{name} {len(rows)}".encode())
        for (column, kind, _), values in zip(columns, zip(*rows, strict=True), strict=False):
            digest.update(f"\0{column}\0".encode())
            digest.update("\n".join(_texts(kind, values)).encode())
        for column, kept in event.extras.get(name, {}).items():
            digest.update(f"\0{column}\0{chr(10).join(kept)}".encode())
    return digest.hexdigest()


def _texts(kind: str, values: Sequence[Any]) -> list[str]:
    """Return one text per value; a number reads the same whether it came as 60 or 60.0."""
    if kind == _NUM:
        return ["" if v is None else repr(float(v)) for v in values]
    if kind == _TIME:
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
