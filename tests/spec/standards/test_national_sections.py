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


@pytest.mark.shared
def test_unrounded_rows_reproduce_the_published_class(shared_data):
    folder = shared_data / "water" / "cn_sections"
    with (folder / "section_type_inferred.csv").open(encoding="utf-8") as lines:
        lakes = {
            (row["province"], row["basin"], row["section"])
            for row in csv.DictReader(lines)
            if row["inferred_type"] == "lake"
        }
    judged = agreed = 0
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
            agreed += found.cls == row["wq_class"]
    assert judged > 15_000
    assert agreed / judged >= 0.999
