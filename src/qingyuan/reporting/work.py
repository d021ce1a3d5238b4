"""Work in progress (工作进展): cases, alarms and bulletins due, as counts by unit.

Who may read a bulletin may not read every case, so a bulletin prints counts; the cases that a
figure counted stand in a ledger behind it, shown row by row to those who may see the case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from qingyuan.core.factors import factor
from qingyuan.core.periods import in_city
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.reporting.document import Cell, Link, Section, Table, Text, rows_link
from qingyuan.reporting.wording import Words

__all__ = [
    "LEDGERS",
    "AlarmLine",
    "BulletinLine",
    "WorkCase",
    "alarm_ledger",
    "alarm_row",
    "case_ledger",
    "case_totals",
    "cases_section",
    "count_cell",
    "unit_table",
    "work_section",
]

LEDGERS = ("assign", "handle", "conclude")


@dataclass(frozen=True, slots=True)
class WorkCase:
    """One case as it stood when the bulletin was frozen; no title, no name."""

    number: str
    unit: str
    district: str
    ledger: str
    state: str
    due: str
    overdue: bool
    opened: bool  # in the bulletin's period
    concluded: bool

    @property
    def tags(self) -> tuple[str, ...]:
        """What a figure may count it under."""
        named = {
            "in_hand": self.ledger != "conclude",
            "overdue": self.overdue,
            "opened": self.opened,
            "concluded": self.concluded,
        }
        held = [name for name, holds in named.items() if holds]
        return (f"ledger:{self.ledger}", *held, *(f"{name}@{self.unit}" for name in held))


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One alarm first seen in the period."""

    ref: str
    object_name: str
    factor: str
    value: Decimal | None
    limit: Decimal | None
    multiple: Decimal | None
    first_at: datetime
    state: str
    kind: str
    handled: bool = False  # a case was opened on it, or somebody has acknowledged it
    public: bool = True  # of a section or an air station; an enterprise's own is counted only


@dataclass(frozen=True, slots=True)
class BulletinLine:
    """A bulletin that was due in the period and where it stands."""

    kind: str
    kind_en: str
    day: date
    state: str
    state_en: str
    published: bool


def case_totals(cases: Sequence[WorkCase]) -> dict[str, int]:
    """Return the figures of the cases; each is the number of rows that carry its tag."""
    return {
        "cases": len(cases),
        "cases_in_hand": sum(c.ledger != "conclude" for c in cases),
        **{f"ledger_{name}": sum(c.ledger == name for c in cases) for name in LEDGERS},
        "cases_overdue": sum(c.overdue for c in cases),
        "cases_opened": sum(c.opened for c in cases),
        "cases_concluded": sum(c.concluded for c in cases),
    }


def case_ledger(cases: Sequence[WorkCase], words: Words) -> Table:
    """Return the table behind the figures; it is never printed."""
    return Table(
        words.head("number", "unit", "district", "state", "due"),
        tuple(
            (
                Cell(c.number, Link.to("case", number=c.number)),
                words.cell(c.unit),
                words.cell(c.district),
                Cell(c.state),
                Cell(c.due, mark="late" if c.overdue else ""),
            )
            for c in cases
        ),
        caption=words("work.ledger"),
        empty=words("work.no_cases"),
        name="cases",
        tags=tuple(c.tags for c in cases),
        subject="case",
    )


def unit_table(cases: Sequence[WorkCase], words: Words) -> Table:
    """Return counts by responsible unit, the most overdue first."""
    held: Mapping[str, list[WorkCase]] = defaultdict(list)
    for case in cases:
        held[case.unit].append(case)
    order = sorted(
        held, key=lambda u: (-sum(c.overdue for c in held[u]), -len(held[u]), u == "", u)
    )
    return Table(
        words.head("unit", "in_hand", "opened", "concluded", "overdue"),
        tuple(
            (
                words.cell(unit),
                *(
                    count_cell(held[unit], unit, tag)
                    for tag in ("in_hand", "opened", "concluded", "overdue")
                ),
            )
            for unit in order
        ),
        caption=words("work.by_unit"),
        empty=words("work.no_cases"),
        name="units",
        tags=tuple((f"unit:{unit}",) for unit in order),
    )


def count_cell(cases: Sequence[WorkCase], unit: str, tag: str) -> Cell:
    """Return how many cases of a unit carry *tag*, as a figure that opens them."""
    number = sum(f"{tag}@{unit}" in c.tags for c in cases)
    mark = "late" if tag == "overdue" and number else ""
    return Cell(str(number), rows_link("cases", f"{tag}@{unit}"), number=True, mark=mark)


def cases_section(
    cases: Sequence[WorkCase], totals: Mapping[str, int], words: Words, *, index: int, when: str
) -> Section:
    """Return the part about cases of a daily reminder; `when` is 当日, 本周 or 本月."""
    return Section(
        words.heading(index, "work.cases"),
        (
            words.sentence(
                "work.cases_said", when=words(f"when.{when}"), **_case_runs(totals, words)
            ),
        ),
        (unit_table(cases, words),),
    )


def _case_runs(totals: Mapping[str, int], words: Words) -> dict[str, Text]:
    tags = {
        "in_hand": ("cases_in_hand", "in_hand"),
        "assign": ("ledger_assign", "ledger:assign"),
        "handle": ("ledger_handle", "ledger:handle"),
        "opened": ("cases_opened", "opened"),
        "concluded": ("cases_concluded", "concluded"),
        "overdue": ("cases_overdue", "overdue"),
    }
    return {
        name: words.count(totals[total], "case", rows_link("cases", tag))
        for name, (total, tag) in tags.items()
    }


def work_section(
    cases: Sequence[WorkCase],
    alarms: Sequence[AlarmLine],
    bulletins: Sequence[BulletinLine],
    words: Words,
    *,
    index: int,
    when: str,
) -> tuple[Section, tuple[Table, ...], Mapping[str, int]]:
    """Return the part about work of a weekly or monthly bulletin, its ledgers and its totals."""
    totals = case_totals(cases) | {
        "alarms": len(alarms),
        "alarms_handled": sum(a.handled for a in alarms),
        "bulletins_due": len(bulletins),
        "bulletins_published": sum(b.published for b in bulletins),
    }
    said = words(f"when.{when}")
    paragraphs = [
        words.sentence("work.cases_said", when=said, **_case_runs(totals, words)),
        words.sentence(
            "work.alarms_said",
            when=said,
            all=words.count(totals["alarms"], "alarm", rows_link("alarms")),
            handled=words.count(totals["alarms_handled"], "alarm", rows_link("alarms", "handled")),
        ),
        words.sentence(
            "work.bulletins_said",
            when=said,
            all=words.count(totals["bulletins_due"], "issue", rows_link("bulletins")),
            published=words.count(
                totals["bulletins_published"], "issue", rows_link("bulletins", "published")
            ),
        ),
    ]
    ledgers = (case_ledger(cases, words), alarm_ledger(alarms, words), _due(bulletins, words))
    part = Section(
        words.heading(index, "work.heading"), tuple(paragraphs), (unit_table(cases, words),)
    )
    return part, ledgers, MappingProxyType(totals)


def alarm_ledger(alarms: Sequence[AlarmLine], words: Words) -> Table:
    """Return every alarm of the period; it is never printed."""
    return Table(
        words.head("first_at", "object", "kind", "factor", "value", "limit", "multiple", "state"),
        tuple(alarm_row(a, words, dated=True) for a in alarms),
        empty=words("work.no_alarms"),
        name="alarms",
        tags=tuple(("handled",) if a.handled else () for a in alarms),
        subject="signal",
    )


def _due(bulletins: Sequence[BulletinLine], words: Words) -> Table:
    return Table(
        words.head("bulletin", "day", "state"),
        tuple(
            (
                Cell(words.name(b.kind, b.kind_en)),
                Cell(b.day.isoformat()),
                Cell(words.name(b.state, b.state_en)),
            )
            for b in bulletins
        ),
        empty=words("work.no_bulletins"),
        name="bulletins",
        tags=tuple(("published",) if b.published else () for b in bulletins),
    )


def alarm_row(alarm: AlarmLine, words: Words, *, dated: bool = False) -> tuple[Cell, ...]:
    """Return one alarm as a row; its time links to its page."""
    known = factor(alarm.factor)
    unit = f" {known.unit}" if known.unit else ""
    none = words("word.none")

    def shown(value: Decimal | None, *, places: int | None = None, after: str = "") -> Cell:
        if value is None:
            return Cell(none, number=True)
        number = value if places is None else round_gbt8170(value, places)
        return Cell(plain(number) + after, number=True)

    at = in_city(alarm.first_at)
    return (
        Cell(f"{at:%m-%d %H:%M}" if dated else f"{at:%H:%M}", Link.to("alarm", ref=alarm.ref)),
        Cell(alarm.object_name),
        Cell(words(f"alarm.{alarm.kind}")),
        Cell(words.name(known.zh, known.en) if alarm.factor else none),
        shown(alarm.value, after=unit),
        shown(alarm.limit, after=unit),
        shown(alarm.multiple, places=2),
        Cell(alarm.state),
    )
