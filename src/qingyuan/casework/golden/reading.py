"""Turn typed facts into the rows the counting reads (核对数的读入)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from qingyuan.casework.clocks import Clock, Extension, Pause, due_day
from qingyuan.casework.statistics import CaseRow
from qingyuan.casework.texts.measures import number_of
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.periods import CITY_TZ

__all__ = ["Worked", "fact_rows", "number_before", "spread", "themes_in", "worked"]

_OPENED = datetime(2021, 1, 4, tzinfo=UTC)
_THEME = re.compile(r"“([一二三四五六七八九十]+)个[^”]+”")
_NUMBER = r"(\d+|[一二三四五六七八九十两]+)"


@dataclass(frozen=True, slots=True)
class Worked:
    """One worked deadline (期限算例)."""

    name: str
    expected: str
    got: str
    why: str


def fact_rows(fact: Mapping[str, Any]) -> tuple[CaseRow, ...]:
    """Return the rows of a typed fact, each group of alike rows written out."""
    found: list[CaseRow] = []
    for group in fact["rows"]:
        given: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in group.items()
        }
        alike, struck = given.pop("n"), given.pop("struck", False)
        for _ in range(alike):
            number = f"{fact['name']}-{len(found) + 1}"
            at = _OPENED if struck else None
            found.append(CaseRow(number, _OPENED, struck_at=at, **given))
    return tuple(found)


def number_before(said: str, word: str) -> int:
    """Return the number that stands before *word* in *said*, written in figures or in Chinese."""
    match = re.search(_NUMBER + re.escape(word), said)
    if match is None:
        raise ValueError(f"no number before {word} in {said}")
    if match[1].isdigit():
        return int(match[1])
    number = 2 if match[1] == "两" else number_of(match[1])
    if number is None:
        raise ValueError(match[1])
    return number


def themes_in(said: str) -> list[int]:
    """Return how many items each theme named “五个…” announces."""
    return [number_before(match[0], "个") for match in _THEME.finditer(said)]


def spread(batch: Mapping[str, Any]) -> tuple[CaseRow, ...]:
    """Write the figures of a bulletin out as items: units in turn, then types, each item at least one.

    The bulletin does not say which item has which types; any spreading has the same totals.
    """
    units: list[tuple[str, ...]] = []
    for unit, n in batch["units"].items():
        units += [(unit,)] * n
    for joint in batch["joint"]:
        units += [tuple(joint["units"])] * joint["items"]
    kinds: list[set[str]] = [set() for _ in units]
    place = 0
    for kind, n in sorted(batch["types"].items(), key=lambda pair: -pair[1]):
        for _ in range(n):
            kinds[place % len(kinds)].add(kind)
            place += 1
    channels = ["来电"] * batch.get("calls", 0) + ["来信"] * batch.get("letters", 0)
    return tuple(
        CaseRow(
            number=f"{batch['scope']}-{n}",
            opened_at=_OPENED,
            unit=named[0],
            co_units=named[1:],
            types=tuple(sorted(kinds[n])),
            channel=channels[n] if channels else "",
            focus=n < batch.get("focus", 0),
        )
        for n, named in enumerate(units)
    )


def worked(path: Path, calendar: WorkCalendar) -> Iterator[Worked]:
    """Compute each worked deadline of the table at *path*."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            start, _, end = row["pause"].partition("..")
            added = int(row["extend"] or 0)
            clock = Clock(
                start=_noon(row["start"]),
                unit="workday",
                length=int(row["days"]),
                pauses=(Pause(_noon(start), _noon(end)),) if start else (),
                extensions=(Extension(added),) if added else (),
            )
            name = f"期限 {row['start']} 起 {row['days']} 个工作日"
            name += f"，暂停 {row['pause']}" if start else ""
            name += f"，延期 {added}" if added else ""
            yield Worked(name, row["due"], str(due_day(clock, calendar=calendar)), row["why"])


def _noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(12), CITY_TZ)
