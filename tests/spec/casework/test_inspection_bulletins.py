from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qingyuan.casework.texts.bulletin import Bulletin, Joint, read_bulletin, write_bulletin
from qingyuan.casework.texts.receipt import read_receipt

title = "督察交办批次通报 / batch bulletins of the inspections"

ONE_ITEM_THREE_UNITS = """
　　5月20日，省第四生态环境保护督察组向青岛市交办第７批群众信访举报件１６件，累计７８４件。按区域分：西海岸新区5件、
即墨区4件，市南区、市北区各2件，市通信管理局和地铁集团各1件，1件由市公安局、市住房城乡建设局、市北区分别办理。
按污染类型分：大气 9 个（占45%）、水 4 个、噪声 3 个，土壤、海洋各 2 个，共涉及 20 个问题。要求三日内反馈。
"""
CALLS_AND_LETTERS = """
9月10日，中央第二生态环境保护督察组向山东省移交第十五批群众举报件21件（来电5件、来信16件），其中重点关注2件。
截至9月10日，累计2,490件，其中重点关注110件。涉及济南市13件、青岛市4件、省直部门2件，市园林和林业局、市地铁集团各1件。
大气污染9件、水污染6件、噪音4件、其他问题2件。
"""
DOES_NOT_ADD_UP = (
    "2024年4月18日，第二轮第一批省级督察进驻期间，市里接收第十批信访件10件（重点关注件12件），累计8件。"
    "来电4件，来信5件。东山区6件，西河县3件，重复件2件。大气4个、水3个，共涉及8个问题。"
)


def test_an_item_for_three_units_counts_once_and_the_sums_hold():
    said = read_bulletin(ONE_ITEM_THREE_UNITS, year=2021)
    assert (said.day, said.batch, said.items, said.cumulative) == (date(2021, 5, 20), 7, 16, 784)
    assert said.joint == (Joint(1, ("市公安局", "市住房城乡建设局", "市北区")),)
    assert said.by_unit == {
        "西海岸新区": 5, "即墨区": 4, "市南区": 2, "市北区": 2, "市通信管理局": 1, "地铁集团": 1,
    }  # fmt: skip
    assert said.by_type == {"大气": 9, "水": 4, "噪声": 3, "土壤": 2, "海洋": 2}
    assert (said.units_total, said.types_total, said.problems) == (16, 20, 20)
    assert (said.feedback_days, said.differences, said.unread) == (3, (), ())


def test_calls_letters_and_focus_items_of_the_day_and_of_all_days():
    said = read_bulletin(CALLS_AND_LETTERS, year=2021)
    assert (said.batch, said.items, said.calls, said.letters) == (15, 21, 5, 16)
    assert (said.focus, said.cumulative, said.cumulative_focus) == (2, 2490, 110)
    assert said.by_unit["市园林和林业局"] == said.by_unit["市地铁集团"] == 1
    assert said.by_type == {"大气": 9, "水": 6, "噪声": 4, "其他": 2}
    assert (said.differences, said.unread) == ((), ())


def test_every_difference_is_told_and_what_was_not_understood_too():
    said = read_bulletin(DOES_NOT_ADD_UP)
    assert said.batch == 10, "the first batch of stationing is not the batch of items"
    assert [(d.what, d.stated, d.counted) for d in said.differences] == [
        ("units", 10, 9),
        ("types", 8, 7),
        ("types_below", 10, 7),
        ("channels", 10, 9),
        ("focus", 10, 12),
        ("cumulative", 8, 10),
    ]
    assert said.unread == ("重复件2件",)


def test_a_text_that_is_no_bulletin_says_so():
    assert read_bulletin("关于召开动员会的通知").nothing


@pytest.mark.parametrize(
    ("number", "channel", "day"),
    [
        pytest.param("X3HB202406020025", "letter", "2024-06-02", id="来信"),
        pytest.param(" ｄ3SD202409100007", "call", "2024-09-10", id="全角与空格"),
    ],
)
def test_a_receipt_number_is_taken_apart(number: str, channel: str, day: str):
    parts = read_receipt(number)
    assert parts is not None
    assert (parts.channel, parts.round, parts.day.isoformat()) == (channel, 3, day)


@pytest.mark.parametrize("number", ["X3HB202413400025", "D3700002021052001", ""])
def test_a_number_of_another_pattern_has_no_parts(number: str):
    assert read_receipt(number) is None


def _in_print(row: dict[str, Any]) -> str:
    """Word a shared batch as newspapers did, another way than `write_bulletin` does."""
    day = "{0[0]}年{0[1]}月{0[2]}日，".format([int(p) for p in row["date"].split("-")]) if row["date"][4:5] == "-" else ""  # fmt: skip
    batch = f"第{row['batch']}批" if row["batch"] else ""
    ones = [name for name, n in row["by_department"].items() if n == 1]
    more = [f"{name}{n}件" for name, n in row["by_department"].items() if n > 1]
    units = [f"{name} {n} 件" for name, n in row["by_district"].items()] + more
    units += [f"{'、'.join(ones)}各1件"] if len(ones) > 1 else [f"{n}1件" for n in ones]
    units += [f"{j['items']}件由{'、'.join(j['units'])}分别办理" for j in row["jointly_handled"]]
    focus = f"（其中重点关注件{row['focus']}件）" if row["focus"] is not None else ""
    whole = (
        f"（重点关注件{row['cumulative_focus']}件）" if row["cumulative_focus"] is not None else ""
    )
    channels = f"其中来信{row['by_mail']}件、来电{row['by_phone']}件。" if row["by_mail"] else ""
    return (
        f"{row['scope']}办理督察组转办信访件情况\n{day}{row['scope']}收到督察组{batch}转办的信访举报件{row['items']}件{focus}，"
        f"累计{row['cumulative']}件{whole}。{channels}\n其中：{'，'.join(units)}。\n"
        f"涉及{'，'.join(f'{name}{n}件' for name, n in row['by_type'].items())}，问题共{row['problems']}个。"
    )


def _said(row: dict[str, Any], *, days: int | None) -> Bulletin:
    return Bulletin(
        day=date.fromisoformat(row["date"]) if row["date"][4:5] == "-" else None,
        batch=row["batch"],
        items=row["items"],
        calls=row["by_phone"],
        letters=row["by_mail"],
        focus=row["focus"],
        cumulative=row["cumulative"],
        cumulative_focus=row["cumulative_focus"],
        by_unit={**row["by_district"], **row["by_department"]},
        joint=tuple(Joint(j["items"], tuple(j["units"])) for j in row["jointly_handled"]),
        by_type=row["by_type"],
        problems=row["problems"],
        feedback_days=days,
    )


@pytest.mark.shared
def test_the_nine_published_batches_reproduce_their_totals(shared_data: Path):
    rows = json.loads((shared_data / "cases/inspection_transfer_batches.json").read_text("utf-8"))
    assert len(rows) == 9
    for row in rows:
        said = read_bulletin(_in_print(row))
        assert said == _said(row, days=None), row["source"]
        assert (said.units_total, said.types_total) == (row["items"], row["problems"])
        assert said.differences == ()
        assert said.unread == ()


@pytest.mark.shared
def test_what_is_written_is_read_back(shared_data: Path):
    rows = json.loads((shared_data / "cases/inspection_transfer_batches.json").read_text("utf-8"))
    for row in rows:
        said = _said(row, days=row["feedback_days"])
        assert read_bulletin(write_bulletin(said, place=row["scope"], group="督察组")) == said
