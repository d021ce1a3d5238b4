"""Bulletins on real air: Beijing, eight stations, hourly 2013–2017 (shared data)."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pypdf import PdfReader

from beijing_air import beijing_hours, beijing_places
from qingyuan.reporting import (
    AirPeriod,
    PeriodFacts,
    RankingFacts,
    period_bulletin,
    ranking_bulletin,
)
from qingyuan.web.bulletins.facts.air import air_of
from qingyuan.web.printing import docx_of, pdf_of

pytestmark = pytest.mark.shared
FIRST, LAST = date(2016, 12, 1), date(2016, 12, 31)
WHOSE = {
    "city": "北京市",
    "city_en": "Beijing",
    "issuer": "北京市生态环境局",
    "issuer_en": "Bureau",
}
UNTIL = datetime(2016, 12, 31, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def air(shared_data) -> AirPeriod:
    hours = beijing_hours(shared_data, FIRST, LAST)
    city, places = beijing_places(hours)
    year_ago = beijing_hours(shared_data, date(2015, 12, 1), date(2015, 12, 31))
    return air_of(hours, first=FIRST, last=LAST, city=city, districts=places, year_ago=year_ago)


def test_the_period_agrees_with_its_days(air):
    indices = [d.aqi for d in air.days if d.aqi is not None]
    assert len(indices) == air.city.now.valid_days == 31
    assert sum(i <= 100 for i in indices) == air.city.now.good_days == 13
    assert air.city.now.good_share == Decimal("41.9")
    assert air.rules[0] == "HJ663-2013"


def test_equal_indices_share_a_rank(air):
    ranks = sorted((d.rank, d.now.index) for d in air.districts)
    assert [r for r, _ in ranks] == [1, 2, 3, 4, 5, 6, 7, 7]
    assert ranks[-1][1] == ranks[-2][1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_monthly_is_printed_with_every_glyph(air, language):
    facts = PeriodFacts(kind="monthly", **WHOSE, first=FIRST, last=LAST, data_until=UNTIL, air=air, rule_sets=air.rules)  # fmt: skip
    document = period_bulletin(facts, number="月〔2016〕12号", language=language)
    pdf = pdf_of(document, day=LAST)  # PDF/A: a missing glyph would be refused
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "\ufffd" not in text
    assert "11.05" in text
    assert pdf == pdf_of(document, day=LAST)
    assert docx_of(document, day=LAST) == docx_of(document, day=LAST)


def test_the_ranking_names_both_of_the_last(air):
    facts = RankingFacts(**WHOSE, first=FIRST, last=LAST, data_until=UNTIL, air=air)
    document = ranking_bulletin(facts, number="排〔2016〕12号")
    assert "表态发言：农展馆、天坛" in document.plain()
    assert pdf_of(document, day=LAST).startswith(b"%PDF")


def test_a_missing_glyph_is_refused(air, raises_problem):
    facts = RankingFacts(**{**WHOSE, "city": "北京\U00013000"}, first=FIRST, last=LAST, data_until=UNTIL, air=air)  # fmt: skip
    with raises_problem("printing.not_printed"):
        pdf_of(ranking_bulletin(facts, number="1"), day=LAST)
