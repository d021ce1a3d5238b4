"""One case, one book (一案一册): the whole case as parts to print, as far as its reader may see it.

Everything comes from the page the reader sees, so that the book can hold nothing the page withholds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.core.periods import in_city, last_day
from qingyuan.reporting import Cell, Document, Paragraph, Section, Table, Text
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.selectors import entries_of
from qingyuan.web.cases.models import Case, EvidenceLink, ProblemItem
from qingyuan.web.cases.selectors.clocks import ClockView
from qingyuan.web.cases.selectors.enterprise import EnterprisePage, enterprise_page
from qingyuan.web.cases.selectors.page import CasePage, Pair, case_page
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models.geometry import in_language

__all__ = ["BookFacts", "case_book", "enterprise_book"]


@dataclass(frozen=True, slots=True)
class BookFacts:
    """A book before it is printed: cover, parts, and the photos that stand side by side."""

    document: Document
    cover: tuple[tuple[str, str], ...]
    pairs: tuple[Pair, ...]

    @property
    def pairs_in(self) -> str:
        """The heading of the part the photos stand in."""
        return _("整改前后照片")


def _when(at: datetime | None) -> str:
    return f"{in_city(at):%Y-%m-%d %H:%M}" if at else "—"


def _due(at: datetime | None) -> str:
    """Say when a term ends: its last day, or the minute where it is counted in hours."""
    if at is None:
        return "—"
    return f"{last_day(at):%Y-%m-%d}" if in_city(at).time() == time.min else _when(at)


def _facts(rows: Iterable[tuple[str, str]]) -> Table:
    return Table(
        (_("项目"), _("内容")),
        tuple((Cell(label), Cell(value)) for label, value in rows if value),
        empty=_("没有登记"),
    )


def _said(words: Sequence[tuple[str, str]]) -> str:
    return "；".join(f"{label}：{text}" for label, text in words) or "—"


def _document(case: Case, sections: Sequence[Section], *, at: datetime) -> Document:
    city = registry.city()
    return Document(
        title=case.title,
        number=case.number,
        issuer=_("%(city)s生态环境局")
        % {"city": in_language(city.name_zh, city.name_en) if city else ""},
        dated=f"{in_city(at):%Y-%m-%d}",
        sections=tuple(
            Section(f"{n}　{part.heading}", part.paragraphs, part.tables)
            for n, part in enumerate(sections, 1)
        ),
        language="en" if (get_language() or "").startswith("en") else "zh",
    )


def case_book(case: Case, *, user: User, at: datetime) -> BookFacts:
    """Return the book of *case* for *user*; whether they may see the case is asked before."""
    page = case_page(case, user=user, at=at)
    filed = [link for row in page.timeline for link in row.evidence]
    parts = [
        _overview(page),
        _parts(page),
        Section(_("时限"), tables=(_clocks(page.clocks), *_pauses(page.clocks))),
        _problems(page.problems),
        _deeds(page),
        _signing(page),
        Section(_("佐证目录"), tables=(_evidence(filed),)),
        *([Section(_("整改前后照片"))] if page.pairs else []),
        _linked(page),
        _chain(case),
    ]
    cover = (
        (_("编号"), case.number),
        (_("责任单位"), case.unit.name_zh if case.unit else _("尚未交办")),
        (_("责任人"), case.person.name if case.person else "—"),
        (_("分管"), case.sponsor.name if case.sponsor else "—"),
        (_("企业"), case.enterprise.name if case.enterprise else "—"),
        (_("行政区域"), case.district.name),
        (_("立案"), _when(case.opened_at)),
        (_("办结"), _when(case.closed_at)),
        (_("台账"), f"{case.get_ledger_display()} · {case.state_label}"),
        (_("办案程序"), case.procedure_label),
    )
    return BookFacts(_document(case, parts, at=at), cover, page.pairs)


def _overview(page: CasePage) -> Section:
    case = page.case
    rows = [
        (_("来源"), case.origin_label),
        (_("来源编号"), f"{case.source_system} {case.source_no}".strip()),
        (_("事项"), case.get_matter_display()),
        (_("污染类型"), "、".join(page.types)),
        (_("级别"), case.get_level_display()),
        (_("断面"), page.section_name if case.section_code else ""),
        (_("排污口"), page.outfall_name if case.outfall_code else ""),
        (_("立案人"), case.opened_by),
        (_("轮次"), str(case.round)),
        (_("立行立改"), _("是") if case.immediate else ""),
        (_("属实情况"), case.truth_label),
        (_("办理进度"), case.progress_label),
        *((check.label, check.said) for check in page.checks),
        *((_("结果反馈"), f"{result.to}，{_when(result.at)}") for result in page.results),
    ]
    tables = [_facts(rows)]
    if page.form:
        form = _facts(page.form)
        tables.append(Table(form.head, form.rows, caption=_("登记内容")))
    summary = (Paragraph((Text(case.summary),)),) if case.summary else ()
    return Section(_("案件概况"), summary, tuple(tables))


def _parts(page: CasePage) -> Section:
    rows = [
        (
            Cell(str(round_.number), number=True),
            Cell(part.get_role_display()),
            Cell(part.unit.name_zh),
            Cell(part.person.name),
            Cell(_when(part.given_at)),
            Cell(_when(part.signed_at)),
            Cell(_when(part.reported_at)),
            Cell(part.report or part.return_reason or "—"),
        )
        for round_ in reversed(page.rounds)
        for part in round_.parts
    ]
    head = (_("轮次"), _("分工"), _("单位"), _("责任人"), _("交办"), _("签收"), _("反馈"), _("报告或退回理由"))  # fmt: skip
    return Section(_("分工与责任"), tables=(Table(head, tuple(rows), empty=_("尚未交办")),))


def _clocks(clocks: Sequence[ClockView], *, to_enterprise: bool = False) -> Table:
    """Return the clocks; the clause of a petition is nothing for an enterprise to read."""
    standings = {
        "met": _("按时完成"), "missed": _("逾期完成"), "late": _("已逾期"), "paused": _("暂停"),
    }  # fmt: skip
    rows = [
        (
            Cell(f"{clock.label} {clock.unit}".strip()),
            Cell(clock.rule),
            Cell(_due(clock.due)),
            Cell(_when(clock.stopped)),
            Cell(standings.get(clock.standing, _("计时中")), mark="late" if clock.standing in ("late", "missed") else ""),
            Cell("；".join(filter(None, (clock.clause, clock.mark)))),
        )
        for clock in clocks
    ]  # fmt: skip
    head = (_("时限"), _("起算与规则"), _("到期"), _("停止"), _("状态"), _("依据"))
    shown = -1 if to_enterprise else None
    return Table(head[:shown], tuple(row[:shown] for row in rows), empty=_("没有时限"))


def _pauses(clocks: Sequence[ClockView]) -> list[Table]:
    """Return pauses, extensions and cards of all clocks; no table when there was none."""
    rows: list[tuple[Cell, ...]] = []
    for clock in clocks:
        rows += [
            (
                Cell(clock.label),
                Cell(_("暂停")),
                Cell(_("%(a)s 至 %(b)s") % {"a": _when(p.start), "b": _when(p.end)}),
                Cell(f"{p.approver}：{p.reason}"),
            )
            for p in clock.pauses
        ]
        rows += [
            (Cell(clock.label), Cell(_("延期")), Cell(f"+{e.amount}"), Cell(f"{e.approver}：{e.reason}"))
            for e in clock.extensions
        ]  # fmt: skip
        rows += [
            (Cell(clock.label), Cell(str(card.get_card_display())), Cell(_when(card.at)), Cell("—"))
            for card in clock.cards
        ]
    head = (_("时限"), _("种类"), _("时间或长度"), _("批准人与理由"))
    return [Table(head, tuple(rows), caption=_("暂停、延期与提醒"))] if rows else []


def _problems(problems: Sequence[ProblemItem]) -> Section:
    rows = tuple(
        (
            Cell(str(p.number), number=True),
            Cell(p.text),
            Cell(f"{p.due_on:%Y-%m-%d}"),
            Cell(_when(p.settled_at)),
        )
        for p in problems
    )
    head = (_("序"), _("问题"), _("整改期限"), _("完成"))
    return Section(_("问题清单"), tables=(Table(head, rows, empty=_("没有列出问题")),))


def _deeds(page: CasePage) -> Section:
    rows = []
    for line in page.timeline:
        doer = line.deed.doer
        what = [line.label]
        if line.turn:
            what.append(_("第 %(n)s 轮") % {"n": line.turn})
        if line.undone:
            what.append(_("已撤回"))
        rows.append(
            (
                Cell(str(line.deed.seq), number=True),
                Cell(_when(line.deed.at)),
                Cell(f"{doer.name} {doer.unit.name_zh}" if doer else line.deed.by),
                Cell(" · ".join(what)),
                Cell(_said(line.said)),
                Cell(line.deed.clause or "—"),
            )
        )
    head = (_("序"), _("时间"), _("办理人"), _("动作"), _("内容与意见"), _("依据"))
    return Section(_("办理经过"), tables=(Table(head, tuple(rows)),))


def _signing(page: CasePage) -> Section:
    rows = tuple(
        (
            Cell(str(round_.number), number=True),
            Cell(label),
            Cell(f"{row.signer.name} {row.signer.unit.name_zh}"),
            Cell(row.opinion or "—"),
            Cell(_when(row.at)),
        )
        for round_ in reversed(page.rounds)
        for label, row in round_.signoffs
    )
    head = (_("轮次"), _("级次"), _("签字人"), _("意见"), _("时间"))
    return Section(_("审签"), tables=(Table(head, rows, empty=_("没有审签记录")),))


def _loose(name: str) -> str:
    """Let a long file name break where a reader would break it; a narrow column has no other way."""
    return re.sub(r"[_.\-]|[^\s_.\-]{12}", "\\g<0>\u200b", name)


def _evidence(filed: Sequence[EvidenceLink]) -> Table:
    rows = []
    for n, link in enumerate(filed, 1):
        file = link.attachment
        place = f"{file.taken_lon:.5f}，{file.taken_lat:.5f}" if file.taken_lon is not None else "—"
        rows.append(
            (
                Cell(str(n), number=True),
                Cell(f"{link.label}：{_loose(file.name)}"),
                Cell(f"{file.uploaded_by.name} {_when(file.uploaded_at)}"),
                Cell(_when(file.taken_at)),
                Cell(place),
                # 摘要断成四段，读者才核得了；in four, so that it can be read aloud and compared
                Cell(" ".join(file.sm3[k : k + 16] for k in range(0, 64, 16))),
            )
        )
    head = (_("序"), _("佐证"), _("上传"), _("拍摄时间"), _("拍摄位置"), _("原件摘要 SM3"))  # fmt: skip
    return Table(head, tuple(rows), empty=_("没有佐证"))


def _linked(page: CasePage) -> Section:
    rows = [
        (Cell(other.relation), Cell(other.number), Cell(other.title), Cell(other.state))
        for other in page.linked
    ]
    rows += [
        (Cell(_("关联事物")), Cell(thing.ref), Cell(thing.label), Cell("—"))
        for thing in page.things
    ]
    head = (_("关系"), _("编号"), _("名称"), _("环节"))
    hidden = _("另有 %(n)s 件不在您的可见范围") % {"n": page.hidden_links}
    said = (Paragraph((Text(hidden),)),) if page.hidden_links else ()
    table = Table(head, tuple(rows), empty=_("没有关联案件"))
    return Section(_("关联案件与事物"), said, (table,))


def _chain(case: Case) -> Section:
    """Return where the case's lines stand in the audit chain, so that the book can be held to it."""
    rows = tuple(
        (
            Cell(str(seq), number=True),
            Cell(_when(at)),
            Cell(deed),
            Cell(" ".join(digest[k : k + 16] for k in range(0, len(digest), 16))),
        )
        for seq, at, deed, digest in entries_of(case.ref).values_list(
            "seq", "city_at", "deed", "digest"
        )
    )
    said = _(
        "每一行在审计链中的序号与摘要。审计管理员可据此核对：改动或抽走任何一行，后面的摘要都对不上。"
    )
    head = (_("序"), _("时间"), _("行为"), _("本条摘要 SM3"))
    return Section(
        _("审计链位置"), (Paragraph((Text(said),)),), (Table(head, rows, empty=_("没有记录")),)
    )


def enterprise_book(case: Case, *, user: User, at: datetime) -> BookFacts:
    """Return the smaller book of the enterprise: its problems, its deadline, its steps, its files."""
    page = enterprise_page(case, user=user, at=at)
    own = [link for step in page.steps for link in step.evidence]
    clock = (page.clock,) if page.clock else ()
    parts = [
        _problems(page.problems),
        Section(_("时限"), tables=(_clocks(clock, to_enterprise=True),)),
        _steps(page),
        Section(_("本企业提交的佐证"), tables=(_evidence(own),)),
    ]
    cover = (
        (_("编号"), case.number),
        (_("企业"), case.enterprise.name if case.enterprise else "—"),
        (_("推送"), _when(case.pushed_at)),
        (_("状态"), page.state),
    )
    return BookFacts(_document(case, parts, at=at), cover, ())


def _steps(page: EnterprisePage) -> Section:
    rows = tuple(
        (Cell(_when(step.at)), Cell(step.by), Cell(step.label), Cell(_said(step.said)))
        for step in page.steps
    )
    head = (_("时间"), _("办理人"), _("动作"), _("内容"))
    return Section(_("进展"), tables=(Table(head, rows, empty=_("没有记录")),))
