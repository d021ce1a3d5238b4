"""How long bulletins take: a monthly on real air in each format, and 1,000 slips in one PDF.

    python bench/bulletins/measure.py [--slips 1000]

Prints one JSON object. The monthly is Beijing, December 2016 against December 2015 (shared data),
eight stations as districts; the yearly the whole of 2016.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = Path(os.environ.get("QINGYUAN_SHARED", ROOT.parent / "shared")) / "data"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.web.project.settings")
sys.path.insert(0, str(ROOT / "tests"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--slips", type=int, default=1000)
    call = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QINGYUAN_DATA"] = folder
        import django

        django.setup()
        print(json.dumps(_measure(call.slips), ensure_ascii=False))


def _measure(slips: int) -> dict[str, object]:
    found: dict[str, object] = {}
    for kind, first, last in (
        ("monthly", date(2016, 12, 1), date(2016, 12, 31)),
        ("annual", date(2016, 1, 1), date(2016, 12, 31)),
    ):
        found |= {f"{kind}_{name}": value for name, value in _bulletin(kind, first, last).items()}
    return found | _slips(slips)


def _timed(act: Callable[[], bytes]) -> tuple[bytes, float]:
    began = time.perf_counter()
    made = act()
    return made, round(time.perf_counter() - began, 2)


def _bulletin(kind: str, first: date, last: date) -> dict[str, float]:
    from beijing_air import beijing_hours, beijing_places
    from qingyuan.reporting import PeriodFacts, period_bulletin
    from qingyuan.web.bulletins.facts.air import air_of
    from qingyuan.web.printing import docx_of, pdf_of

    hours = beijing_hours(SHARED, first, last)
    then = beijing_hours(SHARED, first.replace(year=2015), last.replace(year=2015))
    city, places = beijing_places(hours)
    began = time.perf_counter()
    air = air_of(hours, first=first, last=last, city=city, districts=places, year_ago=then)
    until = datetime(2016, 12, 31, 16, tzinfo=UTC)
    facts = PeriodFacts(
        kind=kind, city="北京市", issuer="北京市生态环境局", first=first, last=last,
        data_until=until, air=air, rule_sets=air.rules,
    )  # fmt: skip
    document = period_bulletin(facts, number="〔2016〕12号")
    words_s = round(time.perf_counter() - began, 2)
    _, pdf_s = _timed(lambda: pdf_of(document, day=last))
    _, docx_s = _timed(lambda: docx_of(document, day=last))
    return {"words_s": words_s, "pdf_s": pdf_s, "docx_s": docx_s}


def _slips(count: int) -> dict[str, object]:
    from qingyuan.reporting import Slip, slip
    from qingyuan.web.printing import slips_pdf

    matters = [("化学需氧量 超标", "62.4 mg/L", "50 mg/L", "09-21 02:10")] * 3
    documents = [
        slip(
            Slip(f"提〔2026〕{n:04d}号", f"清源第{n}印染有限公司", f"第{n}号排污口", matters,
                 date(2026, 9, 25), "清源市生态环境局", date(2026, 9, 22))
        )
        for n in range(1, count + 1)
    ]  # fmt: skip
    made, seconds = _timed(lambda: slips_pdf(documents, day=date(2026, 9, 22)))
    return {"slips": count, "slips_s": seconds, "slips_mb": round(len(made) / 1e6, 1)}


if __name__ == "__main__":
    main()
