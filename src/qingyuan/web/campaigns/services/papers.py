"""Papers of a campaign (进展通报、总结报告、台账): content only, printing writes the files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from qingyuan.core.periods import city_date
from qingyuan.reporting import Cell, Document, Paragraph, Section, Table, Text
from qingyuan.web import exchange
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.campaigns.models import Campaign, Report, Target, Visit
from qingyuan.web.campaigns.selectors import (
    Figures,
    Line,
    Missing,
    figures,
    frozen,
    missing,
    targets,
    weeks,
)
from qingyuan.web.exchange import Column, Cover, Sheet

__all__ = ["closing_report", "figures_book", "objects_book", "plain_text", "weekly_report"]


def _dated(at: datetime | date) -> str:
    day = city_date(at) if isinstance(at, datetime) else at
    return f"{day.year}年{day.month}月{day.day}日"


def _percent(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.1%}"


def _sentence(line: Line) -> str:
    return (
        f"列入对象{line.objects}个，已检查{line.visited}个（覆盖率{_percent(line.coverage)}），"
        f"发现问题{line.problems}个；立案{line.cases}件，已销号{line.closed}件，"
        f"销号率{_percent(line.rate)}，逾期{line.overdue}件。"
    )


def _table(name: str, first: str, lines: Sequence[Line], whole: Line | None) -> Table:
    head = (first, "任务", "对象", "已查", "问题", "案件", "销号", "销号率", "逾期")
    rows = [*lines, *([whole] if whole else [])]
    return Table(
        head=head,
        rows=tuple(
            (
                Cell(line.name or ("合计" if line.kind == "all" else "未交办")),
                *(
                    Cell(str(n), number=True)
                    for n in (line.quota, line.objects, line.visited, line.problems, line.cases, line.closed)
                ),
                Cell(_percent(line.rate), number=True),
                Cell(str(line.overdue), number=True),
            )
            for line in rows
        ),
        name=name,
    )  # fmt: skip


def _departments(lines: Sequence[Line]) -> Table:
    return Table(
        head=("部门", "检查次数", "发现问题", "主办案件", "销号", "销号率", "逾期"),
        rows=tuple(
            (
                Cell(line.name or "未交办"),
                *(Cell(str(n), number=True) for n in (line.visits, line.problems, line.cases, line.closed)),
                Cell(_percent(line.rate), number=True),
                Cell(str(line.overdue), number=True),
            )
            for line in lines
        ),
        name="departments",
    )  # fmt: skip


def _said(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def _owed(owed: Sequence[Missing]) -> list[Paragraph]:
    if not owed:
        return [_said("各区市应报的方案和周报均已报送。")]
    said = []
    for one in owed:
        what = "实施方案" if one.week is None else f"{_dated(one.week)}起一周的周报"
        over = f"，已逾期{-one.left}个工作日" if one.late else ""
        said.append(
            _said(f"{one.plan.district.name_zh}：{what}应于{_dated(one.due)}前报送{over}。")
        )
    return said


def weekly_report(campaign: Campaign, scope: Scope, *, issuer: str, at: datetime) -> Document:
    """Return the progress of a campaign to this instant (进展情况), from the rows one sees."""
    counted = figures(campaign, scope, at=at)
    week = next(iter(weeks(campaign, at=at)), None)
    told = Report.objects.filter(campaign=campaign, week__gte=week - timedelta(days=7)) if week else Report.objects.none()  # fmt: skip
    lines = [
        _said(f"{r.district.name_zh}（{_dated(r.week)}起一周）：{r.text}")
        for r in told.filter(scope.by_district("district_id"))
        .select_related("district")
        .order_by("-week", "district_id")
    ]
    joint = "、".join(campaign.joint.order_by("pk").values_list("unit__name_zh", flat=True))
    carried = f"由{campaign.lead.name_zh}牵头" + (f"，{joint}联合" if joint else "")
    begun = f"依据《{campaign.document}》{campaign.document_no}，{carried}，{_dated(campaign.starts_on)}至{_dated(campaign.ends_on)}开展。"
    return Document(
        title=f"{campaign.title}进展情况",
        number=campaign.number,
        issuer=issuer,
        dated=_dated(at),
        sections=(
            Section("一、总体进展", paragraphs=(_said(begun), _said(_sentence(counted.whole)))),
            Section("二、分区市", tables=(_table("districts", "区市", counted.districts, counted.whole),)),
            Section("三、分部门", tables=(_departments(counted.departments),)),
            Section("四、应报未报", paragraphs=tuple(_owed(missing(campaign, scope, at=at)))),
            Section("五、各区市本周情况", paragraphs=tuple(lines or [_said("尚无区市报送周报。")])),
        ),
        footnotes=(_NOTE.format(at=_dated(at)),),
    )  # fmt: skip


_NOTE = "数据截至{at}。对象为核定清单所列；问题按检查次计；销号率为已销号案件占本行动全部案件之比；逾期为未办结且已过期限的案件。"


def closing_report(campaign: Campaign, scope: Scope, *, issuer: str) -> Document | None:
    """Return the closing report with the figures frozen then (总结报告), or None before it."""
    counted = frozen(campaign, scope)
    if counted is None or campaign.closed_at is None:
        return None
    return Document(
        title=f"{campaign.title}总结报告",
        number=campaign.number,
        issuer=issuer,
        dated=_dated(campaign.closed_at),
        sections=(
            Section("一、总体情况", paragraphs=(_said(_sentence(counted.whole)), *map(_said, campaign.closing_text.splitlines()))),
            Section("二、分区市", tables=(_table("districts", "区市", counted.districts, counted.whole),)),
            Section("三、分部门", tables=(_departments(counted.departments),)),
        ),
        footnotes=(_NOTE.format(at=_dated(counted.at)),),
    )  # fmt: skip


def plain_text(document: Document) -> str:
    """Return a document as plain text, tables as lines with tabs, to paste into a message."""
    said = [document.title, f"{document.issuer}　{document.dated}", ""]
    for section in document.sections:
        said.append(section.heading)
        said += [p.text for p in section.paragraphs]
        for table in section.tables:
            said.append("\t".join(table.head))
            said += ["\t".join(cell.text for cell in row) for row in table.rows]
        said.append("")
    return "\n".join([*said, *document.footnotes, ""])


_FIGURES = Sheet(
    name="campaign.figures",
    title="专项行动统计",
    title_en="Campaign figures",
    columns=(
        Column(name="kind", zh="口径", en="By", width=10),
        Column(name="name", zh="区市或部门", en="District or department", width=24),
        Column(name="quota", zh="任务数", en="Quota", kind="whole"),
        Column(name="objects", zh="对象", en="Objects", kind="whole"),
        Column(name="visited", zh="已检查", en="Visited", kind="whole"),
        Column(name="visits", zh="检查次数", en="Visits", kind="whole"),
        Column(name="problems", zh="发现问题", en="Problems", kind="whole"),
        Column(name="cases", zh="案件", en="Cases", kind="whole"),
        Column(name="closed", zh="已销号", en="Closed", kind="whole"),
        Column(name="rate", zh="销号率", en="Closure rate", kind="number", unit="%"),
        Column(name="overdue", zh="逾期", en="Overdue", kind="whole"),
    ),
)
_KINDS = {
    "zh": {"all": "全部", "district": "区市", "department": "部门"},
    "en": {"all": "All", "district": "District", "department": "Department"},
}


def figures_book(
    campaign: Campaign, counted: Figures, *, by: str, at: datetime, language: str
) -> bytes:
    """Return the figures as a workbook, as the page shows them."""
    words = _KINDS["en" if language.startswith("en") else "zh"]
    rows = []
    for line in (counted.whole, *counted.districts, *counted.departments):
        department = line.kind == "department"
        rate = None if line.rate is None else Decimal(str(round(line.rate * 100, 1)))
        rows.append(
            {
                "kind": words[line.kind], "name": line.name or "—",
                "quota": None if department else line.quota,
                "objects": None if department else line.objects,
                "visited": None if department else line.visited,
                "visits": line.visits, "problems": line.problems, "cases": line.cases,
                "closed": line.closed, "rate": rate, "overdue": line.overdue,
            }
        )  # fmt: skip
    cover = Cover(by=by, at=at, title=campaign.number, note=campaign.title, language=language)
    return exchange.workbook(_FIGURES, rows, cover)


_OBJECTS = Sheet(
    name="campaign.objects",
    title="专项行动对象清单",
    title_en="Campaign objects",
    columns=(
        Column(name="district", zh="区市", en="District"),
        Column(name="kind", zh="类别", en="Kind", width=10),
        Column(name="ref", zh="编号", en="Code", width=16),
        Column(name="label", zh="名称", en="Name", width=32),
        Column(name="team", zh="检查组", en="Team", width=18),
        Column(name="done_at", zh="检查时间", en="Visited at", kind="time", width=18),
        Column(name="result", zh="结果", en="Result", width=12),
        Column(name="problem", zh="问题", en="Problem", width=28),
        Column(name="case", zh="案件", en="Case", width=20),
        Column(name="state", zh="环节", en="State", width=12),
    ),
)


def objects_book(
    campaign: Campaign, scope: Scope, seen: Sequence[Visit], *, by: str, at: datetime, language: str
) -> bytes:
    """Return the list with what was found at each object, one row a visit made."""
    made: dict[int, list[Visit]] = {}
    for visit in seen:
        made.setdefault(visit.target_id, []).append(visit)
    found = targets(campaign, scope).order_by("district_id", "kind", "label", "pk")
    rows = [row for t in found for row in _object_rows(t, made.get(t.pk, []))]
    cover = Cover(by=by, at=at, title=campaign.number, note=campaign.title, language=language)
    return exchange.workbook(_OBJECTS, rows, cover)


def _object_rows(target: Target, made: Sequence[Visit]) -> list[dict[str, object]]:
    own: dict[str, object] = {
        "district": target.district.name, "kind": str(target.get_kind_display()),
        "ref": "" if target.kind == "place" else target.ref, "label": target.label,
    }  # fmt: skip
    return [
        {
            **own, "team": v.team.name, "done_at": v.done_at, "result": str(v.get_result_display()),
            "problem": v.problem, "case": v.case.number if v.case else "",
            "state": v.case.state_label if v.case else "",
        }
        for v in made
    ] or [own]  # fmt: skip
