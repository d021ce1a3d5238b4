"""HJ 1312-2023 表1: the classes of outfalls, and which need approval (部令第35号 第十一条起)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from qingyuan.standards.outfalls import class_in_english, class_of_outfall, outfall_classes


def test_four_first_level_classes():
    assert {c.level1 for c in outfall_classes().values()} == {
        "工业排污口", "城镇污水处理厂排污口", "农业排口", "其他排口",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("工业企业排污口", "approval"),
        ("城镇污水处理厂排污口", "approval"),
        ("工业及其他各类园区污水处理厂排污口", "approval"),
        ("农村生活污水散排口", "registration"),
        ("城镇雨洪排口", "registration"),
    ],
)
def test_route(name, route):
    assert class_of_outfall(f" {name} ").route == route


def test_what_is_no_class():
    assert class_of_outfall("随便") is None
    assert class_of_outfall("") is None


def test_unchecked_rows_carry_their_mark():
    assert class_of_outfall("城镇雨洪排口").verification == "unverified"
    assert class_of_outfall("矿山排污口").verification == "quoted"


def test_every_class_has_english():
    names = {n for c in outfall_classes().values() for n in (c.level1, c.level2, c.level3) if n}
    assert all(class_in_english(name) != name for name in names)


@pytest.mark.shared
def test_the_table_is_the_one_gathered(shared_data: Path):
    path = shared_data / "water/standards/outfall_classes_hj1312.csv"
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [(r["level1"], r["level2"], r["level3"]) for r in rows] == [
        (c.level1, c.level2, c.level3) for c in outfall_classes().values()
    ]
