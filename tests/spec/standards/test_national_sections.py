import csv
import gzip
from datetime import date
from decimal import Decimal

import pytest

from qingyuan.standards import water
from qingyuan.standards.classes import CLASSES, WORSE

title = "国家地表水自动站公布类别复算 / recomputing published classes"

COLUMNS = {
    "w01001": "ph",
    "w01009": "do_mg_l",
    "w01019": "codmn_mg_l",
    "w21003": "nh3n_mg_l",
    "w21011": "tp_mg_l",
    "w21001": "tn_mg_l",
    "w01003": "turb_ntu",
}


# 余下不符的每一行：发布类别、复算类别、原因
MISSES = {
    ("2020-11-04", "三岔口"): ("Ⅱ", "Ⅰ"),  # 五项均为Ⅰ类（总磷 0.0009），发布Ⅱ类：公布值解释不了
    ("2020-11-04", "大屈"): ("Ⅲ", "Ⅴ"),  # 高锰酸盐指数 12.52 本身即Ⅴ类：类别与数值不是同一次
    ("2020-11-04", "王江泾"): ("Ⅳ", "Ⅱ"),  # 按湖库总磷限值正为Ⅳ类：推断的水体类型有误
    ("2020-11-04", "宗关"): ("Ⅱ", "Ⅲ"),  # 高锰酸盐指数 4.73 本身即Ⅲ类：类别与数值不是同一次
}


@pytest.mark.shared
def test_unrounded_rows_reproduce_the_published_class(shared_data):
    folder = shared_data / "water" / "cn_sections"
    with (folder / "section_type_inferred.csv").open(encoding="utf-8") as lines:
        lakes = {
            (row["province"], row["basin"], row["section"])
            for row in csv.DictReader(lines)
            if row["inferred_type"] == "lake"
        }
    judged, missed = 0, {}
    with gzip.open(folder / "daily_snapshots_2020-05_2020-12.csv.gz", "rt", "utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["wq_class"] not in (*CLASSES, WORSE):
                continue
            found = water.evaluate(
                {code: Decimal(row[name]) for code, name in COLUMNS.items() if row[name]},
                at=date.fromisoformat(row["snapshot_date"]),
                water_type="lake"
                if (row["province"], row["basin"], row["section"]) in lakes
                else "river",
            )
            judged += 1
            if found.cls != row["wq_class"]:
                missed[row["snapshot_date"], row["section"]] = (row["wq_class"], found.cls)
    assert judged > 15_000
    assert missed == MISSES
    assert 1 - len(missed) / judged >= 0.999
