"""Splitting 一是…二是…, documents in 《》, and the tree of a rectification report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qingyuan.casework.texts.measures import (
    issued_documents,
    number_of,
    numeral,
    read_report,
    rectification_tree,
    report_text,
    split_measures,
)


def said(text: str) -> list[tuple[int, str]]:
    return [(m.number, m.text) for m in split_measures(text).measures]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("一是甲。二是乙。三是丙。", [(1, "甲。"), (2, "乙。"), (3, "丙。")], id="句号分条"),
        pytest.param("整改情况：一是甲；二是乙；三是丙。", [(1, "甲"), (2, "乙"), (3, "丙。")], id="分号分条"),
        pytest.param("一是抓手之一是甲。二是统一是乙。", [(1, "抓手之一是甲。"), (2, "统一是乙。")], id="之一是不是序号"),
        pytest.param("十是甲。十一是乙。", [], id="从十起不成条"),
        pytest.param("一是建立机制：一是查；二是改。二是督办。", [(1, "建立机制：一是查；二是改。"), (2, "督办。")], id="条内另有分条"),
        pytest.param("一是落实（一）排查；（二）整治。二是乙。", [(1, "落实（一）排查；（二）整治。"), (2, "乙。")], id="条内有括号序号"),
        pytest.param("一是印发《工作要点。一是甲》。二是乙。", [(1, "印发《工作要点。一是甲》。"), (2, "乙。")], id="书名号内不分条"),
        pytest.param("一是甲，二是乙，一是丙，二是丁，三是戊", [(1, "甲"), (2, "乙，一是丙，二是丁"), (3, "戊")], id="逗号分条里又分条"),
        pytest.param("一是甲。\n\u3000\u3000二是乙。", [(1, "甲。"), (2, "乙。")], id="换行缩进"),
        pytest.param("没有分条的一段话，核心是落实。", [], id="没有分条"),
    ],
)  # fmt: skip
def test_a_number_counts_only_at_the_head_of_a_clause(
    text: str, expected: list[tuple[int, str]]
) -> None:
    assert said(text) == expected


def test_eleven_measures_keep_their_numbers() -> None:
    text = "".join(f"{numeral(n)}是措施{n}。" for n in range(1, 13))
    assert [n for n, _ in said(text)] == list(range(1, 13))
    assert said(text)[10] == (11, "措施11。")


@pytest.mark.parametrize(
    ("text", "kind", "value", "numbers"),
    [
        pytest.param("一是甲。三是丙。", "missing", "二", [1, 3], id="缺号"),
        pytest.param("一是甲。二是乙。二是丙。", "repeated", "二", [1, 2, 2], id="重号"),
        pytest.param("一是甲。二是乙。一是丙。", "restarted", "一", [1, 2, 1], id="重新起号"),
        pytest.param("一是甲。十一是国庆长假。二是乙。", "leap", "十一", [1, 2], id="十一是节日"),
        pytest.param("一是印发《甲。二是乙。", "unclosed", "《》", [1, 2], id="书名号未闭合"),
    ],
)
def test_odd_numbering_is_kept_and_remarked(
    text: str, kind: str, value: str, numbers: list[int]
) -> None:
    answer = split_measures(text)
    assert [m.number for m in answer.measures] == numbers
    assert [(r.kind, r.value) for r in answer.remarks] == [(kind, value)]


def test_the_lead_stays_apart() -> None:
    assert split_measures("市局党组高度重视。一是甲。").lead == "市局党组高度重视。"


def test_numerals_read_back() -> None:
    assert [number_of(numeral(n)) for n in range(1, 100)] == list(range(1, 100))
    assert number_of("一十一") is None
    with pytest.raises(ValueError, match="0"):
        numeral(0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("印发《甲办法》（青环发〔2023〕5号）", [("甲办法", "青环发〔2023〕5号", "produced")], id="文号"),
        pytest.param("转发并印发《关于印发〈乙方案〉的通知》", [("关于印发〈乙方案〉的通知", "", "produced")], id="单书名号嵌套"),
        pytest.param("印发《关于转发《丙》的通知》", [("关于转发《丙》的通知", "", "produced")], id="双书名号嵌套"),
        pytest.param("修订《甲》《乙》和《丙》", [("甲", "", "revised"), ("乙", "", "revised"), ("丙", "", "revised")], id="并列共用动词"),
        pytest.param("根据《甲》要求，出台《乙》", [("甲", "", "cited"), ("乙", "", "produced")], id="引用与出台"),
        pytest.param("依据《甲》，随后印发《甲》", [("甲", "", "produced")], id="先引用后印发"),
        pytest.param("依托《全国生态环境投诉举报管理平台》", [("全国生态环境投诉举报管理平台", "", "system")], id="平台不是文件"),
        pytest.param("印发《没有闭合的标题\n二是乙", [], id="未闭合"),
    ],
)  # fmt: skip
def test_documents_and_what_was_done_with_them(
    text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert [(d.title, d.number, d.act) for d in issued_documents(text)] == expected


def test_the_real_tree_counts_twelve_nineteen_ninety() -> None:
    tree = rectification_tree()
    assert len({row.group for row in tree}) == 12
    assert len(tree) == 19
    assert sum(row.measures for row in tree) == 90


def test_a_report_in_the_structure_of_the_original_reads_back() -> None:
    report = read_report(report_text(rectification_tree()) + "\n三、今后整改工作打算\n1.甲\n2.乙")
    assert report.counts == (12, 19, 90)
    assert report.plans == ("甲", "乙")
    sixth = report.groups[5]
    assert [(leaf.number, leaf.title) for leaf in sixth.leaves][1] == (2, "扬尘")
    assert [len(leaf.split.measures) for leaf in sixth.leaves] == [6, 5, 4]
    assert report.groups[2].leaves[0].number == 0


def test_parts_about_the_organisation_are_not_problems() -> None:
    report = read_report(
        "一、组织领导情况\n1.成立小组\n一是甲。\n"
        "二、重点问题整改落实情况\n1.关于“执法不规范”问题\n一是乙。"
    )
    assert report.counts == (1, 1, 1)
    assert report.groups[0].title == "执法不规范"


@pytest.mark.shared
def test_the_shipped_tree_is_the_shared_one(shared_data: Path) -> None:
    shared = json.loads((shared_data / "cases" / "rectification_tree_2023.json").read_text("utf-8"))
    rows = [
        (r["group"], r["group_title"], r["sub"], r["sub_title"], r["measures"])
        for r in shared["tree"]
    ]
    assert rows == [
        (r.group, r.group_title, r.sub, r.title, r.measures) for r in rectification_tree()
    ]
