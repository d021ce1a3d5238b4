"""Compute every golden number and hold it against what the source prints (核对)."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qingyuan.casework.golden.reading import fact_rows, number_before, spread, themes_in, worked
from qingyuan.casework.limits import LIMITS
from qingyuan.casework.statistics import CaseRow, Count, count, figure, grouped
from qingyuan.casework.texts.bulletin import Bulletin, Joint, read_bulletin, write_bulletin
from qingyuan.casework.texts.measures import numeral
from qingyuan.casework.trees import Leaf, count_tree
from qingyuan.core.calendar import WorkCalendar
from qingyuan.core.quantities import plain, round_gbt8170

__all__ = ["Check", "golden"]

_HERE = Path(__file__).parent
_AT = datetime(2026, 1, 1, tzinfo=UTC)
Fact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One number of a source (核对数): what is expected, what the counting gave, where it stands."""

    name: str
    expected: str
    got: str
    source: str
    mark: str = ""

    @property
    def ok(self) -> bool:
        """Whether the two agree."""
        return self.expected == self.got


def golden() -> list[Check]:
    """Return every golden number with what the product's counting makes of the facts (核对数)."""
    calendar = WorkCalendar.official()
    return [*_facts(calendar), *_tree(), *_batches(), *_deadlines(calendar)]


def _facts(calendar: WorkCalendar) -> Iterator[Check]:
    table = tomllib.loads((_HERE / "facts.toml").read_text("utf-8"))
    for fact in table["fact"]:
        measure, _, what = fact["measure"].partition(":")
        got = _MEASURES[measure](fact, what, calendar)
        yield Check(fact["name"], fact["expected"], got, fact["source"], fact.get("mark", ""))


def _pair(name: str, *, turned: bool = False) -> Callable[[Fact, str, WorkCalendar], str]:
    """Return a measure that prints numerator and denominator of a statistic."""

    def measured(fact: Fact, what: str, calendar: WorkCalendar) -> str:
        found = figure(name, fact_rows(fact), at=_AT, calendar=calendar)
        pair = (str(found.denominator), plain(found.numerator))
        return "/".join(pair if turned else reversed(pair))

    return measured


def _percent(name: str, places: int) -> Callable[[Fact, str, WorkCalendar], str]:
    def measured(fact: Fact, what: str, calendar: WorkCalendar) -> str:
        value = figure(name, fact_rows(fact), at=_AT, calendar=calendar).value
        return _as_percent(value, places) if value is not None else "—"

    return measured


def _as_percent(value: Decimal, places: int = 1) -> str:
    return f"{plain(round_gbt8170(value * 100, places))}%"


def _channel(fact: Fact, what: str, calendar: WorkCalendar) -> str:
    return str(count(fact_rows(fact)).by_channel[what])


def _change(sign: int) -> Callable[[Fact, str, WorkCalendar], str]:
    def measured(fact: Fact, what: str, calendar: WorkCalendar) -> str:
        before, after = Decimal(fact["before"]), Decimal(fact["after"])
        return _as_percent(sign * (after - before) / before)

    return measured


def _speed(fact: Fact, what: str, calendar: WorkCalendar) -> str:
    return _as_percent(1 - Decimal(fact["after"]) / LIMITS[what].length)


def _phases(fact: Fact, what: str, calendar: WorkCalendar) -> str:
    spans = [(date.fromisoformat(p["start"]), date.fromisoformat(p["end"])) for p in fact["phases"]]
    gaps = [b[0] - a[1] for a, b in pairwise(spans)]
    if any(gap.days != 1 for gap in gaps):
        return "阶段不相接"
    return f"{len(spans)}：{spans[0][0]}—{spans[-1][1]}"


def _themes(fact: Fact, what: str, calendar: WorkCalendar) -> str:
    sizes = themes_in(fact["said"])
    return f"{len(sizes)}×{sizes[0]}" if len(set(sizes)) == 1 else "/".join(map(str, sizes))


def _tasks(fact: Fact, what: str, calendar: WorkCalendar) -> str:
    with (_HERE / "tasks.csv").open(encoding="utf-8", newline="") as lines:
        legible = [row for row in csv.DictReader(lines) if row["task"].strip()]
    return f"{number_before(fact['said'], '项工作')}/{len(legible)}"


def _standards(fact: Fact, what: str, calendar: WorkCalendar) -> str:
    found = count(fact_rows(fact))
    return f"{found.items}×{found.problems // found.items}"


def _groups(fact: Fact, what: str, calendar: WorkCalendar) -> str:
    sizes = [len(rows) for rows in grouped(fact_rows(fact), lambda r: r.district).values()]
    return "/".join(map(str, sorted(sizes)))


_MEASURES: Mapping[str, Callable[[Fact, str, WorkCalendar], str]] = MappingProxyType(
    {
        "closed": _pair("closing_rate", turned=True),
        "struck": _pair("check_strike"),
        "truth": _pair("truth_rate"),
        "rate": _percent("closing_rate", 1),
        "staged": _percent("closing_rate_staged", 1),
        "items": lambda fact, _what, _calendar: str(count(fact_rows(fact)).items),
        "units": lambda fact, _what, _calendar: str(len(count(fact_rows(fact)).by_unit)),
        "channel": _channel,
        "number": lambda fact, what, _calendar: str(number_before(fact["said"], what)),
        "change": _change(-1),
        "rise": _change(1),
        "speed": _speed,
        "phases": _phases,
        "themes": _themes,
        "tasks": _tasks,
        "standards": _standards,
        "groups": _groups,
    }
)


def _tree() -> Iterator[Check]:
    """Write the measures of the 2023 report as it numbers them, and count what is read back."""
    table = _HERE.parent / "texts" / "rectification_2023.csv"
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    leaves = [
        Leaf(
            group=int(row["group"]),
            sub=int(row["sub"]),
            title=row["title"],
            text="".join(f"{numeral(n)}是落实措施。" for n in range(1, int(row["measures"]) + 1)),
        )
        for row in rows
    ]
    found, source = count_tree(leaves), "青岛市巡察整改通报（2024）"
    yield Check("巡察整改通报问题组", "12", str(found.groups), source)
    yield Check("巡察整改通报具体问题", "19", str(found.leaves), source)
    yield Check("巡察整改通报整改措施", "90", str(found.measures), source)


def _batches() -> Iterator[Check]:
    """Spread each bulletin's figures over items and count them as cases."""
    table = tomllib.loads((_HERE / "batches.toml").read_text("utf-8"))
    for batch in table["batch"]:
        rows: tuple[CaseRow, ...] = spread(batch)
        found = count(rows)
        name = f"{batch['scope']} {batch['round']} " + (
            f"第{batch['number']}批" if "number" in batch else batch["day"]
        )
        units = sum(found.by_unit.values()) + sum(found.joint.values())
        yield Check(
            name=f"{name}：按单位之和/件数",
            expected=f"{batch['items']}/{batch['items']}",
            got=f"{units}/{found.items}",
            source=batch["source"],
        )
        read = read_bulletin(_in_words(batch, found))
        yield Check(
            name=f"{name}：通报文字读回 件/问题",
            expected=f"{batch['items']}/{batch['problems']}",
            got=f"{read.units_total}/{read.types_total}",
            source=batch["source"],
        )
        kinds = all(found.by_type[kind] == n for kind, n in batch["types"].items())
        enough = "≥" if found.problems >= found.items else "<"
        yield Check(
            name=f"{name}：按类型之和 问题≥件",
            expected=f"{batch['problems']} ≥ {batch['items']}",
            got=f"{found.problems if kinds else '—'} {enough} {found.items}",
            source=batch["source"],
        )


def _in_words(batch: Fact, found: Count) -> str:
    """Write a batch in the words of a bulletin."""
    bulletin = Bulletin(
        batch=batch.get("number"),
        items=found.items,
        calls=batch.get("calls"),
        letters=batch.get("letters"),
        focus=batch.get("focus"),
        cumulative=batch.get("cumulative"),
        by_unit=found.by_unit,
        joint=tuple(Joint(n, units) for units, n in found.joint.items()),
        by_type=found.by_type,
        problems=found.problems,
    )
    return write_bulletin(bulletin, place=batch["scope"], group="督察组")


def _deadlines(calendar: WorkCalendar) -> Iterator[Check]:
    for row in worked(_HERE / "deadlines.csv", calendar):
        yield Check(row.name, row.expected, row.got, "国务院办公厅放假通知", row.why)
