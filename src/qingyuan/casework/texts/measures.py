"""Measures of a rectification report (整改措施): split 一是…二是…, find documents, read the tree.

A report of this kind reads ``二、`` → ``1.`` group → ``(1)`` leaf problem → ``整改情况：一是…。二是…。``
(S3). The counts of the one real tree lie beside this file in ``rectification_2023.csv``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

__all__ = [
    "Group",
    "Issued",
    "Leaf",
    "Measure",
    "Remark",
    "Report",
    "Split",
    "TreeRow",
    "issued_documents",
    "number_of",
    "numeral",
    "read_report",
    "rectification_tree",
    "report_text",
    "split_measures",
]

_DIGITS = "零一二三四五六七八九"
_STRONG = "。！？!?\n"
_WEAK = "；;：:，,、）)”』」 \t\u3000"
# 序号前须是句首或标点：“之一是”“统一是”“第一是”都不是序号
_MARK = re.compile(rf"(?:(?<=[{_STRONG}{_WEAK}])|^)([一二三四五六七八九十]{{1,3}})是[：:，,]?")
_LEAP = 3  # 序号一次跳过更多，多半是句子（“十一是国庆长假”）


def numeral(number: int) -> str:
    """Write 1–99 in Chinese: 11 → 十一."""
    if not 1 <= number <= 99:
        raise ValueError(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def number_of(text: str) -> int | None:
    """Read a Chinese numeral of 1–99; None when it is none (一十一)."""
    found = {numeral(n): n for n in range(1, 100)}
    return found.get(text)


@dataclass(frozen=True, slots=True)
class Issued:
    """A document named in a text (文件), and what the sentence says was done with it.

    ``act`` is ``produced`` 印发、出台、制定…, ``revised`` 修订…, ``system`` for a platform's name in
    《》, else ``cited``.
    """

    title: str
    number: str = ""
    act: str = "cited"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person should look at (提示): ``missing`` ``repeated`` ``restarted`` ``leap`` ``unclosed``."""

    kind: str
    value: str
    position: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure (措施): its own number, its words, the documents it names."""

    number: int
    text: str
    documents: tuple[Issued, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """A text taken apart: what stood before 一是, the measures, what looked odd."""

    lead: str
    measures: tuple[Measure, ...]
    remarks: tuple[Remark, ...] = ()


_ACTS = (
    ("revised", re.compile(r"(?:修订|修改|完善|修编)(?:了|印发|完成|出台)?$")),
    ("produced", re.compile(r"(?:印发|出台|制定|制发|发布|编制|起草|下发|建立|形成|签发)(?:了|实施|印发|并印发)?$")),
)  # fmt: skip
_NUMBER = re.compile(
    r"^\s*[（(]([^（）()]{1,24}[〔\[［](?:19|20)\d{2}[〕\]］]\s*\d{1,4}\s*号)[）)]"
)
_SYSTEM = re.compile(r"(?:平台|系统|APP|小程序)$")


def issued_documents(text: str) -> tuple[Issued, ...]:
    """Return the documents named in 《》, outermost titles only, each once (出台文件).

    《关于印发〈…〉的通知》 is one title; so is a title that carries 《》 inside itself. Titles joined by
    、 or 和 share the verb of the first.
    """
    found: dict[str, Issued] = {}
    act, end_before = "cited", -1
    for begin, end in _titles(text):
        title = re.sub(r"\s+", "", text[begin + 1 : end - 1])
        before = text[max(0, begin - 12) : begin].rstrip(" 　\n“")
        between = text[end_before:begin].strip() if 0 <= end_before <= begin else None
        joined = between is not None and re.fullmatch(
            r"(?:[（(][^（）()]*[）)])?[、和及与,，]?", between
        )
        if not joined:
            act = next((name for name, said in _ACTS if said.search(before)), "cited")
        end_before = end
        numbered = _NUMBER.match(text[end:])
        kind = "system" if _SYSTEM.search(title) else act
        if title and (title not in found or found[title].act == "cited"):
            found[title] = Issued(title, numbered[1] if numbered else "", kind)
    return tuple(found.values())


def _titles(text: str) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each balanced 《…》; an unclosed one yields nothing."""
    depth = begin = 0
    for at, sign in enumerate(text):
        if sign == "《":
            if depth == 0:
                begin = at
            depth += 1
        elif sign == "》" and depth:
            depth -= 1
            if depth == 0:
                yield begin, at + 1
        elif sign == "\n" and depth:  # a title does not run over a paragraph
            depth = 0


@dataclass(slots=True)
class _Walk:
    """Where the walk along the marks of one text stands."""

    starts: list[tuple[int, int, int]] = field(
        default_factory=list
    )  # number, mark begin, words begin
    remarks: list[Remark] = field(default_factory=list)
    expected: int = 1
    inner: int = 0  # next number of a list inside the measure, 0 for none

    def accept(self, number: int, begin: int, words: int) -> None:
        self.starts.append((number, begin, words))
        self.expected, self.inner = number + 1, 0

    def say(self, kind: str, value: str, at: int) -> None:
        self.remarks.append(Remark(kind, value, at))


def split_measures(text: str) -> Split:
    """Split 一是…二是…N是 into measures (拆分措施).

    Parameters
    ----------
    text : str
        The paragraph under a problem, as printed.

    Notes
    -----
    A number counts only at the head of a clause (之一是 and 第一是 are words). A mark after a full
    stop belongs to the list; one after a comma or semicolon belongs to it when the list itself is
    written so, else to a list inside the measure. A number left out, said twice, or begun again is
    kept and remarked; a leap of more than three is taken for words. Marks inside 《》 are a title's.
    """
    inside = [(b, e) for b, e in _titles(text)]
    marks = []
    for hit in _MARK.finditer(text):
        number = number_of(hit[1])
        if number is None or any(b < hit.start() < e for b, e in inside):
            continue
        before = text[: hit.start()].rstrip(" \t\u3000")
        strong = not before or before[-1] in _STRONG
        marks.append((number, hit.start(), hit.end(), strong))
    by_stops = any(strong for number, _, _, strong in marks if number > 1)
    walk = _Walk()
    for number, begin, words, strong in marks:
        _step(walk, number, begin, words, strong=strong, by_stops=by_stops)
    if text.count("《") != text.count("》"):
        walk.say("unclosed", "《》", text.find("《"))
    ends = [*(begin for _, begin, _ in walk.starts), len(text)][1:]
    measures = tuple(
        Measure(number, said, issued_documents(said))
        for (number, _, words), end in zip(walk.starts, ends, strict=True)
        if (said := text[words:end].strip(" \t\n\u3000；;，,"))
    )
    lead = text[: walk.starts[0][1]] if walk.starts else text
    return Split(lead.strip(), measures, tuple(walk.remarks))


def _step(
    walk: _Walk, number: int, begin: int, words: int, *, strong: bool, by_stops: bool
) -> None:
    """Take one mark: the next measure, a list inside it, or words."""
    open_ = bool(walk.starts)
    if not open_:
        if number == 1 or strong:
            _leap(walk, number, begin, words)
        return
    if strong:
        if number == walk.expected:
            walk.accept(number, begin, words)
        elif number == 1:
            walk.say("restarted", numeral(1), begin)
            walk.accept(number, begin, words)
        elif number < walk.expected:
            walk.say("repeated", numeral(number), begin)
            walk.accept(number, begin, words)
        else:
            _leap(walk, number, begin, words)
        return
    if number == 1:
        walk.inner = 2
    elif walk.inner == number and (by_stops or number != walk.expected):
        walk.inner += 1
    elif number == walk.expected:
        walk.accept(number, begin, words)
    elif number > walk.expected and not by_stops:
        _leap(walk, number, begin, words)


def _leap(walk: _Walk, number: int, begin: int, words: int) -> None:
    """Take a number ahead of the expected one, remarking those left out; too far ahead is words."""
    if number - walk.expected > _LEAP:
        walk.say("leap", numeral(number), begin)
        return
    for lost in range(walk.expected, number):
        walk.say("missing", numeral(lost), begin)
    walk.accept(number, begin, words)


# ── the report ──────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf problem (子问题); ``number`` is 0 when the group itself is the problem."""

    number: int
    title: str
    split: Split


@dataclass(frozen=True, slots=True)
class Group:
    """A problem of the first level (重点问题)."""

    number: int
    title: str
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report read: its groups, and what it plans for later (今后整改工作打算)."""

    groups: tuple[Group, ...]
    plans: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int, int]:
        """Groups, leaf problems, measures."""
        leaves = [leaf for group in self.groups for leaf in group.leaves]
        return len(self.groups), len(leaves), sum(len(leaf.split.measures) for leaf in leaves)


_PART = re.compile(r"^([一二三四五六七八九十]{1,3})、\s*(.+)$")
_GROUP = re.compile(r"^(\d{1,2})\s*[.．、]\s*(?!\d)(.+)$")
_LEAF = re.compile(r"^[（(]\s*(\d{1,2})\s*[)）]\s*(.+)$")
_HEAD = re.compile(r"^(?:整改(?:落实|进展|完成)?情况|整改措施及成效)[：:]\s*")
_TITLE = re.compile(r"^(?:关于)?(.+?)(?:的?问题)?(?:的?整改(?:落实)?情况)?[。：:]?$")


def read_report(text: str) -> Report:
    """Read a whole report's text into groups, leaf problems and measures (读取整改通报).

    Only the part that holds 一是…二是… below numbered problems is the tree; a part whose heading
    speaks of 打算 or 下一步 gives the plans for later; other parts are left out.
    """
    groups: list[tuple[int, str, list[tuple[int, str, list[str]]]]] = []
    plans: list[str] = []
    part = ""
    for line in (row.strip().strip("\u3000") for row in text.splitlines()):
        if not line:
            continue
        if heading := _PART.match(line):
            part = heading[2]
            continue
        later = "打算" in part or "下一步" in part
        if (head := _GROUP.match(line)) and later:
            plans.append(head[2].strip())
        elif later or (part and "问题" not in part and "整改" not in part):
            continue
        elif head := _GROUP.match(line):
            groups.append((int(head[1]), _titled(head[2]), []))
        elif groups and (head := _LEAF.match(line)):
            groups[-1][2].append((int(head[1]), _titled(head[2]), []))
        elif groups:
            leaves = groups[-1][2]
            if not leaves:
                leaves.append((0, groups[-1][1], []))
            leaves[-1][2].append(_HEAD.sub("", line))
    made = tuple(
        Group(
            number,
            title,
            tuple(Leaf(n, name, split_measures("\n".join(lines))) for n, name, lines in leaves),
        )
        for number, title, leaves in groups
    )
    return Report(made, tuple(plans))


def _titled(text: str) -> str:
    found = _TITLE.match(text.strip())
    return (found[1] if found else text).strip('“”"「」')


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One leaf of a tree whose measures are only counted (问题树的一行)."""

    group: int
    group_title: str
    sub: int
    title: str
    measures: int


@cache
def rectification_tree() -> tuple[TreeRow, ...]:
    """Return the leaves of the real tree of 2023 with the number of measures of each (S3)."""
    with (
        Path(__file__)
        .with_name("rectification_2023.csv")
        .open(encoding="utf-8", newline="") as lines
    ):
        return tuple(
            TreeRow(
                int(r["group"]), r["group_title"], int(r["sub"]), r["title"], int(r["measures"])
            )
            for r in csv.DictReader(lines)
        )


def report_text(rows: Iterable[TreeRow], measures: Sequence[str] = ()) -> str:
    """Write a report's middle part in the structure of the original, a sentence per measure.

    *measures* are the sentences in order; where they run out, the title stands for them.
    """
    lines, told, last = ["二、重点问题整改落实情况"], iter(measures), 0
    for row in rows:
        if row.group != last:
            lines.append(f"{row.group}.{row.group_title}")
            last = row.group
        if row.sub:
            lines.append(f"（{row.sub}）{row.title}")
        said = "".join(
            f"{numeral(n)}是{next(told, row.title).rstrip('。')}。"
            for n in range(1, row.measures + 1)
        )
        lines.append(f"整改情况：{said}")
    return "\n".join(lines)
