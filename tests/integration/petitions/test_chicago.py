"""1,628 logs of real complaints (City of Chicago, 2021) come in, fold into complaints, and meet again."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from petition_desk import Desk
from qingyuan.core.places import Place, distance_m
from qingyuan.web.exchange import read
from qingyuan.web.petitions.models import Report
from qingyuan.web.petitions.services.sheets import SHEET, check_reports, write_reports

_CATEGORIES = {"AIR": "大气", "NOISE": "噪声", "WATER": "水", "TOXIC": "固体废物、垃圾", "ILLEGAL": "固体废物、垃圾", "ABANDONED": "土壤", "ASBESTOS": "大气", "CONSTRUCTION": "大气", "VEHICLE": "大气"}  # fmt: skip


def _category(kind: str) -> str:
    return next((c for word, c in _CATEGORIES.items() if kind.startswith(word)), "其他")


_EAST, _NORTH = (
    Decimal("208.5"),
    Decimal("-5.5"),
)  # Chicago is moved into the town, degree by degree


def _moved(degrees: str, by: Decimal) -> str:
    return str(Decimal(degrees) + by) if degrees else ""


def _as_sheet(logs: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([c.zh for c in SHEET.columns])
    for row in logs:
        writer.writerow([
            "CDPH", row["complaint_id"], "12345", f"{row['complaint_date']} 09:00", _category(row["type"]),
            row["detail"] or row["type"], row["address"], "", _moved(row["longitude"], _EAST),
            _moved(row["latitude"], _NORTH), "", "",
        ])  # fmt: skip
    return out.getvalue().encode()


@pytest.mark.shared
def test_the_logs_fold_into_complaints_and_meet_again(desk: Desk, shared_data: Path) -> None:
    with gzip.open(
        shared_data / "cases/chicago_cdph_complaints_2021.csv.gz", "rt", encoding="utf-8"
    ) as lines:
        logs = list(csv.DictReader(lines))
    found = read.rows(_as_sheet(logs), "chicago.csv", SHEET)
    complaints = {row["complaint_id"] for row in logs}
    assert (len(logs), found.total) == (1628, 1628)
    # a complaint has several logs: the first is taken, the others are named with their line
    assert {f.problem.code for f in found.faults} == {"exchange.twice"}
    assert len(found.faults) == 1628 - len(complaints)
    by = desk.who("duty")
    plan = check_reports(found.rows, by=by, at=desk.at)
    assert (len(plan.new), len(plan.same), plan.wrong) == (len(complaints), 0, ())
    write_reports(plan, by=by, at=desk.at)
    assert Report.objects.filter(source_system="CDPH").count() == len(complaints)
    again = check_reports(found.rows, by=by, at=desk.at)
    assert (len(again.new), len(again.same)) == (0, len(complaints))  # 再导入不变
    placed = [r for r in Report.objects.all() if r.lon is not None and r.lat is not None]
    repeats = _repeats(placed)
    said = f"{len(complaints)} complaints, {len(placed)} with a place, {repeats} repeat another"
    print(f"\n1628 logs, {said} within 200 m and 30 days")  # noqa: T201 -- the figure, with -s
    assert len(placed) > 0.9 * len(complaints)
    assert {r.district_id for r in placed} == {"379901"}
    assert 0 < repeats < len(placed)


def _repeats(placed: list[Report]) -> int:
    """Count reports that another came before, near and lately (plainly, to compare with)."""
    rows: list[tuple[datetime, Place]] = sorted(
        ((r.received_at, Place(r.lon, r.lat)) for r in placed), key=lambda x: x[0]
    )
    near, again = timedelta(days=30), 0
    for n, (at, here) in enumerate(rows):
        again += any(
            at - then <= near
            and abs(here.lat - there.lat) < 0.002
            and distance_m(here, there) <= 200
            for then, there in rows[max(0, n - 400) : n]
        )
    return again
