"""How long an import of 50,000 rows takes to check, with every error listed.

``python bench/exchange/fifty_thousand.py [--rows 50000]``: makes a workbook of enterprises of which
every tenth row is wrong, reads it and sorts it against 25,000 rows held, and makes the workbook with
the errors. No database: what a family asks of its own tables comes on top.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import time
from datetime import UTC, datetime
from decimal import Decimal

from qingyuan.cities import credit_code_of
from qingyuan.web.exchange import Choice, Column, Cover, Sheet, compare, read, workbook
from qingyuan.web.exchange.faulty import faulty_workbook
from qingyuan.web.exchange.previews import digest_of, marks_of
from qingyuan.web.exchange.tables import Plan

DISTRICTS = tuple(Choice(f"3702{n:02d}", f"{n} 区") for n in range(10))
SHEET = Sheet(
    name="firms", title="企业", key=("code",),
    columns=(
        Column(name="code", zh="企业编号", kind="code", required=True),
        Column(name="name", zh="名称", required=True),
        Column(name="credit", zh="统一社会信用代码", kind="credit", required=True),
        Column(name="district", zh="区市", kind="choice", choices=DISTRICTS, required=True),
        Column(name="trade", zh="行业代码", kind="code", digits=4),
        Column(name="address", zh="地址"),
        Column(name="lon", zh="经度", kind="lon"), Column(name="lat", zh="纬度", kind="lat"),
        Column(name="discharge", zh="许可量", kind="number", unit="t/a"),
        Column(name="staff", zh="职工人数", kind="whole"),
        Column(name="issued", zh="发证日期", kind="day"),
        Column(name="seen", zh="检查时间", kind="time"),
        Column(name="online", zh="在线监测", kind="yes"),
        Column(name="note", zh="备注"),
    ),
)  # fmt: skip


def _row(number: int) -> dict[str, object]:
    wrong = number % 10 == 0
    return {
        "code": f"E{number:06d}", "name": f"测试企业第{number}号",
        "credit": "913702000000000000" if wrong else credit_code_of(f"91370200{number:09d}"),
        "district": DISTRICTS[number % 10].code, "trade": "1713", "address": "某路 1 号",
        "lon": Decimal("120.5"), "lat": Decimal("36.5"), "discharge": number / 7, "staff": number % 500,
        "issued": datetime(2024, 3, 5, tzinfo=UTC).date(), "seen": datetime(2026, 3, 5, 1, 30, tzinfo=UTC),
        "online": number % 2 == 0, "note": "" if number % 3 else "夜间生产",
    }  # fmt: skip


def _pandas(content: bytes) -> float:
    """Return how long pandas takes to read the same sheet as text: nothing checked, nothing compared."""
    import pandas

    began = time.perf_counter()
    pandas.read_excel(io.BytesIO(content), engine="calamine", dtype=str)
    return round(time.perf_counter() - began, 2)


def main() -> None:
    """Measure each step and print it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=50_000)
    count = parser.parse_args().rows
    took: dict[str, float] = {}
    began = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal began
        now = time.perf_counter()
        took[name], began = round(now - began, 2), now

    content = workbook(
        SHEET,
        (_row(n) for n in range(count)),
        Cover(by="bench", at=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    lap("export_s")
    read.lines(content, "firms.xlsx")
    found = read.rows(content, "firms.xlsx", SHEET)
    lap("read_s")
    held = {(row["code"],): {**row.values, "note": "旧"} for row in found.rows[: count // 2]}
    plan = compare(found.rows, SHEET, held)
    plan = Plan(plan.new, plan.changed, plan.same, (*found.faults, *plan.wrong))
    lap("compare_s")
    digest_of(marks_of(plan))
    lap("digest_s")
    faulty_workbook(SHEET, found, plan.wrong)
    lap("error_workbook_s")
    took["check_s"] = round(
        sum(took[k] for k in ("read_s", "compare_s", "digest_s", "error_workbook_s")), 2
    )
    took["pandas_read_s"] = _pandas(content)
    counts = {
        "rows": count, "columns": len(SHEET.columns), "megabytes": round(len(content) / 1e6, 1),
        "new": len(plan.new), "changed": len(plan.changed), "faults": len(plan.wrong),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    print(json.dumps(counts | took, ensure_ascii=False))


if __name__ == "__main__":
    main()
