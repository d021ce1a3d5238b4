"""Class the national sections again from unrounded values, and list every miss with its cause.

    python bench/water/national_sections.py [--json]

Reads the public snapshots beside the repository (QINGYUAN_SHARED). A miss is printed with the
published class, ours, the items at the edge, and the likely cause: another item within a hair of a
limit, the kind of water (inferred there, not from a register), or a class that no item explains.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from qingyuan.standards import water
from qingyuan.standards.classes import CLASSES, WORSE, class_rank

HERE = Path(__file__).resolve()
SHARED = (
    Path(os.environ.get("QINGYUAN_SHARED", HERE.parents[3] / "shared")) / "data/water/cn_sections"
)
COLUMNS = {
    "w01001": "ph", "w01009": "do_mg_l", "w01019": "codmn_mg_l", "w21003": "nh3n_mg_l",
    "w21011": "tp_mg_l",
}  # fmt: skip


def main() -> None:
    """Print the misses and the agreement."""
    call = argparse.ArgumentParser()
    call.add_argument("--json", action="store_true")
    args = call.parse_args()
    if not SHARED.is_dir():
        print(json.dumps({"skipped": "no shared data beside the repository (QINGYUAN_SHARED)"}))
        return
    judged, missed = compare(SHARED)
    share = 100 * (judged - len(missed)) / judged
    if args.json:
        print(
            json.dumps(
                {"judged": judged, "missed": missed, "percent": round(share, 3)}, ensure_ascii=False
            )
        )
        return
    for one in missed:
        print("  ".join(f"{name}={value}" for name, value in one.items()))
    print(f"{judged - len(missed)} / {judged} = {share:.3f} %")


def compare(folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Return how many rows were judged, and those whose class differs."""
    with (folder / "section_type_inferred.csv").open(encoding="utf-8") as lines:
        lakes = {
            (row["province"], row["basin"], row["section"])
            for row in csv.DictReader(lines)
            if row["inferred_type"] == "lake"
        }
    judged, missed = 0, []
    for row in _rows(folder):
        judged += 1
        kind = "lake" if (row["province"], row["basin"], row["section"]) in lakes else "river"
        found = _class(row, kind)
        if found.cls != row["wq_class"]:
            missed.append(_miss(row, kind, found))
    return judged, missed


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    with gzip.open(
        folder / "daily_snapshots_2020-05_2020-12.csv.gz", "rt", encoding="utf-8"
    ) as lines:
        yield from (row for row in csv.DictReader(lines) if row["wq_class"] in (*CLASSES, WORSE))


def _class(row: dict[str, str], kind: str) -> water.SectionClass:
    return water.evaluate(
        {code: Decimal(row[name]) for code, name in COLUMNS.items() if row[name]},
        at=date.fromisoformat(row["snapshot_date"]),
        water_type=kind,
    )


def _miss(row: dict[str, str], kind: str, found: water.SectionClass) -> dict[str, Any]:
    other = "river" if kind == "lake" else "lake"
    worst = [item for item, cls in found.per_item.items() if cls == found.cls]
    published = row["wq_class"]
    if _class(row, other).cls == published:
        cause = f"kind of water: {other} gives the published class, inferred is {kind}"
    elif found.cls is None:
        cause = "no item of the five has a value"
    elif class_rank(found.cls) > class_rank(published):
        cause = f"published better than its own values: {'、'.join(worst)} alone is {found.cls}"
    else:
        cause = "published worse than any of the five items: an item or a reading not shown"
    values = {name: row[name] for name in COLUMNS.values() if row[name]}
    return {
        "day": row["snapshot_date"], "section": row["section"], "published": published,
        "ours": found.cls, "worst": "、".join(worst), "status": row["site_status"], **values,
        "cause": cause,
    }  # fmt: skip


if __name__ == "__main__":
    main()
