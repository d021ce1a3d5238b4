"""The daily reminder (日提醒, requirements R156–R157): water classes, air means, alarms, cases.

Every figure carries the link to its rows, and the totals are the sums of the rows given here: a
bulletin cannot say what its tables do not hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from qingyuan.core.factors import factor
from qingyuan.core.periods import in_city
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.reporting.document import Cell, Document, Link, Paragraph, Section, Table, Text

__all__ = [
    "CLASSES",
    "LEDGERS",
    "AirDay",
    "AlarmLine",
    "CaseLine",
    "DailyFacts",
    "SectionDay",
    "daily_reminder",
]

CLASSES = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")
LEDGERS: Mapping[str, str] = MappingProxyType(
    {"assign": "交办", "handle": "办理", "conclude": "办结"}
)


@dataclass(frozen=True, slots=True)
class SectionDay:
    """One section's day: class of the mean of its valid hours; ``None`` without data."""

    code: str
    name: str
    district: str
    target: str
    water_class: str | None
    over: tuple[tuple[str, Decimal], ...] = ()  # factor code, exceedance multiple (unrounded)
    hours: int = 0


@dataclass(frozen=True, slots=True)
class AirDay:
    """One station's day: means of valid hours, by factor code; ``None`` where too few hours."""

    code: str
    name: str
    means: Mapping[str, Decimal | None]
    hours: int = 0


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One alarm first seen that day."""

    ref: str
    object_name: str
    factor: str
    value: Decimal | None
    limit: Decimal | None
    multiple: Decimal | None
    first_at: datetime
    state: str
    kind: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case as it stood when the bulletin was frozen."""

    number: str
    title: str
    unit: str
    person: str
    ledger: str
    state: str
    due: str
    overdue: bool
    opened_that_day: bool
    concluded_that_day: bool


@dataclass(frozen=True, slots=True)
class DailyFacts:
    """Everything a daily reminder is written from."""

    city: str
    issuer: str
    day: date
    data_until: datetime
    sections: Sequence[SectionDay]
    stations: Sequence[AirDay]
    alarms: Sequence[AlarmLine]
    cases: Sequence[CaseLine]
    rule_sets: Sequence[str]
    audit_anchor: str = ""


def daily_reminder(facts: DailyFacts, *, number: str) -> Document:
    """Write the daily reminder (日提醒).

    Parameters
    ----------
    facts : DailyFacts
        Rows as values; nothing else is looked at.
    number : str
        The document's own number (〔2026〕266号).

    Returns
    -------
    Document
        Four parts (水、气、告警、案件); ``totals`` holds the figures of the sentences, each equal to
        the number of rows behind its link.
    """
    totals = _totals(facts)
    shown = f"{facts.day.year}年{facts.day.month}月{facts.day.day}日"
    return Document(
        title=f"{facts.city}生态环境日提醒",
        number=number,
        issuer=facts.issuer,
        dated=shown,
        sections=(
            _water(facts, totals),
            _air(facts),
            _alarms(facts, totals),
            _cases(facts, totals),
        ),
        footnotes=_footnotes(facts),
        totals=MappingProxyType(totals),
    )


def _totals(facts: DailyFacts) -> dict[str, int]:
    classes = Counter(s.water_class for s in facts.sections)
    ledgers = Counter(c.ledger for c in facts.cases)
    return {
        "sections": len(facts.sections),
        "sections_no_data": classes[None],
        "sections_over_target": sum(1 for s in facts.sections if _worse(s)),
        **{f"class_{c}": classes[c] for c in CLASSES},
        "alarms": len(facts.alarms),
        "cases": len(facts.cases),
        "cases_in_hand": ledgers["assign"] + ledgers["handle"],
        **{f"ledger_{name}": ledgers[name] for name in LEDGERS},
        "cases_overdue": sum(1 for c in facts.cases if c.overdue),
        "cases_opened": sum(1 for c in facts.cases if c.opened_that_day),
        "cases_concluded": sum(1 for c in facts.cases if c.concluded_that_day),
    }


def _worse(section: SectionDay) -> bool:
    if section.water_class is None:
        return False
    return CLASSES.index(section.water_class) > CLASSES.index(section.target)


def _count(n: int, unit: str, link: Link) -> Text:
    return Text(f"{n} {unit}", link, strong=True)


def _water(facts: DailyFacts, totals: Mapping[str, int]) -> Section:
    day = facts.day.isoformat()
    all_link = Link.to("sections", day=day)
    runs = [
        Text("全市监测断面 "),
        _count(totals["sections"], "个", all_link),
        Text("，其中"),
    ]
    parts: list[Text] = []
    for name in CLASSES:
        if totals[f"class_{name}"]:
            if parts:
                parts.append(Text("，"))
            parts += [
                Text(f"{name}类 "),
                _count(
                    totals[f"class_{name}"], "个", Link.to("sections", day=day, water_class=name)
                ),
            ]
    if totals["sections_no_data"]:
        parts += [
            Text("，" if parts else ""),
            Text("无有效数据 "),
            _count(
                totals["sections_no_data"], "个", Link.to("sections", day=day, water_class="none")
            ),
        ]
    over = totals["sections_over_target"]
    tail = [
        Text("；劣于目标 "),
        _count(over, "个", Link.to("sections", day=day, over="1")),
        Text("。"),
    ]
    rows = tuple(_water_row(s) for s in sorted(facts.sections, key=_water_order))
    table = Table(
        ("断面", "区县", "目标", "当日类别", "超目标项目（倍数）", "有效小时"),
        rows,
        caption="断面水质（当日有效小时均值，单因子评价）",
        empty="当日没有断面数据。",
    )
    return Section("一、水环境", (Paragraph((*runs, *parts, *tail)),), (table,))


def _water_order(section: SectionDay) -> tuple[int, int, str]:
    rank = CLASSES.index(section.water_class) if section.water_class else -1
    return (0 if _worse(section) else 1, -rank, section.code)


def _water_row(section: SectionDay) -> tuple[Cell, ...]:
    over = "、".join(
        factor(code).zh + (f"（{plain(round_gbt8170(multiple, 2))}）" if multiple > 0 else "")
        for code, multiple in section.over
    )
    return (
        Cell(section.name, Link.to("section", code=section.code)),
        Cell(section.district),
        Cell(section.target),
        Cell(section.water_class or "无有效数据", mark=section.water_class or ""),
        Cell(over or "—", mark="over" if over else ""),
        Cell(str(section.hours), number=True),
    )


_AIR = ("a34004", "a34002", "a21026", "a21004", "a21005", "a05024")


def _air(facts: DailyFacts) -> Section:
    head = ("站点", *(f"{factor(c).symbol}（{factor(c).unit}）" for c in _AIR), "有效小时")
    rows = tuple(
        (
            Cell(s.name, Link.to("station", code=s.code)),
            *(_mean(s.means.get(code), code) for code in _AIR),
            Cell(str(s.hours), number=True),
        )
        for s in sorted(facts.stations, key=lambda s: s.code)
    )
    city = {code: _city_mean(facts.stations, code) for code in _AIR}
    figures = [
        f"{factor(c).symbol} {_shown(city[c], c)} {factor(c).unit}"
        for c in _AIR
        if city[c] is not None
    ]
    link = Link.to("stations", day=facts.day.isoformat())
    runs = (
        (
            Text("全市日均浓度（各站均值的算术平均）："),
            Text("，".join(figures), link, strong=True),
            Text("。"),
        )
        if figures
        else (Text("当日没有有效的空气日均值。"),)
    )
    table = Table(
        head,
        rows,
        caption="空气质量日均浓度（O3 为当日小时均值的算术平均，不作评价）",
        empty="没有空气站。",
    )
    return Section("二、大气环境", (Paragraph(runs),), (table,))


def _city_mean(stations: Sequence[AirDay], code: str) -> Decimal | None:
    known = [m for s in stations if (m := s.means.get(code)) is not None]
    return sum(known, Decimal(0)) / len(known) if known else None


def _shown(value: Decimal | None, code: str) -> str:
    return "—" if value is None else str(round_gbt8170(value, factor(code).decimals))


def _mean(value: Decimal | None, code: str) -> Cell:
    return Cell(_shown(value, code), number=True)


_KINDS: Mapping[str, str] = MappingProxyType(
    {"exceedance": "超标", "step": "突变", "silence": "无数据", "manual": "人工"}
)


def _alarms(facts: DailyFacts, totals: Mapping[str, int]) -> Section:
    link = Link.to("alarms", day=facts.day.isoformat())
    rows = tuple(_alarm_row(a) for a in sorted(facts.alarms, key=lambda a: (a.first_at, a.ref)))
    table = Table(
        ("首次时间", "对象", "类别", "项目", "数值", "限值", "超标倍数", "状态"),
        rows,
        empty="当日没有新告警。",
    )
    runs = (Text("当日新告警 "), _count(totals["alarms"], "条", link), Text("。"))
    return Section("三、告警", (Paragraph(runs),), (table,))


def _alarm_row(alarm: AlarmLine) -> tuple[Cell, ...]:
    known = factor(alarm.factor)
    unit = f" {known.unit}" if known.unit else ""
    return (
        Cell(f"{in_city(alarm.first_at):%H:%M}", Link.to("alarm", ref=alarm.ref)),
        Cell(alarm.object_name),
        Cell(_KINDS.get(alarm.kind, alarm.kind)),
        Cell(known.zh if alarm.factor else "—"),
        Cell("—" if alarm.value is None else plain(alarm.value) + unit, number=True),
        Cell("—" if alarm.limit is None else plain(alarm.limit) + unit, number=True),
        Cell(
            "—" if alarm.multiple is None else plain(round_gbt8170(alarm.multiple, 2)), number=True
        ),
        Cell(alarm.state),
    )


def _cases(facts: DailyFacts, totals: Mapping[str, int]) -> Section:
    runs: list[Text] = [Text(f"在办案件共 {totals['cases_in_hand']} 件，其中")]
    for index, name in enumerate(("assign", "handle")):
        runs += [
            Text(("、" if index else "") + LEDGERS[name] + " "),
            _count(totals[f"ledger_{name}"], "件", Link.to("cases", ledger=name)),
        ]
    runs += [
        Text("；当日新立 "),
        _count(
            totals["cases_opened"],
            "件",
            Link.to("cases", ledger="all", opened=facts.day.isoformat()),
        ),
        Text("，办结 "),
        _count(
            totals["cases_concluded"],
            "件",
            Link.to("cases", ledger="conclude", concluded=facts.day.isoformat()),
        ),
        Text("；逾期 "),
        _count(totals["cases_overdue"], "件", Link.to("cases", ledger="all", overdue="1")),
        Text("。"),
    ]
    late = tuple(_case_row(c) for c in facts.cases if c.overdue)
    table = Table(
        ("编号", "案件", "责任单位", "责任人", "状态", "期限"),
        late,
        caption="逾期案件",
        empty="没有逾期案件。",
    )
    return Section("四、案件", (Paragraph(tuple(runs)),), (table,))


def _case_row(case: CaseLine) -> tuple[Cell, ...]:
    return (
        Cell(case.number, Link.to("case", number=case.number)),
        Cell(case.title),
        Cell(case.unit or "—"),
        Cell(case.person or "—"),
        Cell(case.state),
        Cell(case.due, mark="late"),
    )


def _footnotes(facts: DailyFacts) -> tuple[str, ...]:
    notes = [
        f"数据截至 {in_city(facts.data_until):%Y-%m-%d %H:%M}（北京时间）；自动监测数据，未经人工审核。",
        "评价依据：" + "；".join(facts.rule_sets) + "。",
        "空气质量指数（AQI）暂不在本期内。",
    ]
    if facts.audit_anchor:
        notes.append(f"审计链锚点：{facts.audit_anchor}")
    return tuple(notes)
