"""Weekly to annual bulletins, rankings, supervision, registers: totals are the rows given."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qingyuan.reporting import (
    LANGUAGES,
    AirDayIndex,
    AirFigures,
    AirPeriod,
    AirPlace,
    AlarmLine,
    BulletinLine,
    DistrictStanding,
    Document,
    HotSpot,
    PeriodFacts,
    Plant,
    Praise,
    RankingFacts,
    RoadClasses,
    RoadFigure,
    SampleDue,
    SectionClass,
    Slip,
    SupervisionFacts,
    SurveyFacts,
    WaterWeekFacts,
    WaterworksFacts,
    Work,
    WorkCase,
    improvement,
    meeting_pack,
    period_bulletin,
    ranking_bulletin,
    slip,
    speakers,
    supervision_bulletin,
    survey_report,
    water_weekly,
    waterworks_bulletin,
)

D = Decimal
FIRST, LAST = date(2026, 9, 14), date(2026, 9, 20)
UNTIL = datetime(2026, 9, 20, 16, tzinfo=UTC)
WHOSE = {
    "city": "清源市",
    "city_en": "Qingyuan",
    "issuer": "清源市生态环境局",
    "issuer_en": "Bureau",
}
SPAN = {"first": FIRST, "last": LAST, "data_until": UNTIL}


def figures(pm25: int, index: str | None, good: int = 5, valid: int = 7) -> AirFigures:
    values = {
        "pm25": D(pm25), "pm10": D(60), "so2": D(9), "no2": D(30), "co": D("0.9"), "o3": D(120),
    }  # fmt: skip
    return AirFigures(values, D(index) if index else None, 7, valid, good)


def place(code: str, index: str | None, rank: int | None, then: str | None = None) -> AirPlace:
    year_ago = figures(32, then) if then else None
    return AirPlace(code, f"{code}区", f"{code} District", figures(31, index), year_ago, rank)


@pytest.fixture
def air() -> AirPeriod:
    return AirPeriod(
        city=AirPlace("", "", "", figures(31, "3.25", valid=6), figures(32, "3.40", good=4, valid=6)),
        districts=[
            place("A", "3.10", 1, "3.50"),
            place("B", "3.90", 2, "3.60"),
            place("C", "3.90", 2, "4.00"),
            AirPlace("D", "D区", "", AirFigures(days=7)),
        ],
        days=[
            AirDayIndex(date(2026, 9, 14 + n), aqi, level, "", D(30), D(100))
            for n, (aqi, level) in enumerate(
                [(40, "优"), (60, "良"), (120, "轻度"), (None, ""), (80, "良"), (50, "优"), (90, "良")]
            )
        ],
        rules=("HJ663-2026", "GB 3095-2026"),
        pm25_limit=D(60),
        pm25_limit_name="GB 3095-2026",
    )  # fmt: skip


@pytest.fixture
def cases() -> list[WorkCase]:
    rows = [("handle", True, True, False), ("handle", False, False, False),
            ("conclude", False, True, True), ("assign", True, False, False)]  # fmt: skip
    return [
        WorkCase(f"JD{n}", unit, "望澜区", ledger, "办理中", "2026-10-12", late, opened, done)
        for n, (ledger, late, opened, done) in enumerate(rows)
        for unit in (["望澜分局"] if n < 3 else ["青石分局"])
    ]


@pytest.fixture
def facts(air, cases) -> PeriodFacts:
    at = datetime(2026, 9, 15, 3, tzinfo=UTC)
    return PeriodFacts(
        kind="weekly", **WHOSE, **SPAN, air=air, cases=cases,
        sections=[
            SectionClass("S1", "望澜桥", "望澜区", "Ⅲ", "Ⅳ", (("w21003", D("0.345")),), 160, "", ("Ⅳ",) * 7),
            SectionClass("S2", "青石渡", "青石区", "Ⅲ", None, (), 0, "", (None,) * 7),
        ],
        alarms=[
            AlarmLine("1", "望澜桥", "w21003", D("1.3"), D(1), D("0.3"), at, "活动", "exceedance", True),
            AlarmLine("2", "O1", "w01018", D(60), D(50), D("0.2"), at, "活动", "exceedance", False, False),
        ],
        bulletins=[BulletinLine("日提醒", "Daily reminder", LAST, "拟稿", "draft", False)],
        rule_sets=["GB 3838-2002"],
    )  # fmt: skip


def assert_every_count_is_its_rows(document: Document) -> int:
    """Hold every counted figure, in sentences and tables, against the rows behind its link."""
    counted = 0
    cells = [c for t in document.tables() for row in t.rows for c in row if c.number]
    for figure in [*document.figures(), *cells]:
        number = re.match(r"(\d+)(?: |\D|$)", figure.text)
        if figure.link is None or figure.link.kind != "rows" or not number:
            continue
        if "air" in dict(figure.link.params)["table"] and not re.search("天|day", figure.text):
            continue  # a concentration or a count of districts
        behind = document.rows_of(figure.link)
        assert behind is not None, figure
        if "/" not in figure.text:
            assert len(behind.rows) == int(number[1]), figure
            counted += 1
    return counted


@pytest.mark.parametrize("kind", ["weekly", "monthly", "annual"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_count_of_a_period_is_the_rows_behind_it(facts, kind, language):
    document = period_bulletin(replace(facts, kind=kind), number="1", language=language)
    assert assert_every_count_is_its_rows(document) > 15
    assert Document.from_dict(document.as_dict()) == document


def test_a_weekly_carries_work_beside_figures(facts):
    document = period_bulletin(facts, number="周〔2026〕38号")
    assert [s.heading for s in document.sections] == [
        "一、大气环境", "二、水环境", "三、工作进展", "四、下一步",
    ]  # fmt: skip
    assert document.totals["cases_overdue"] == 2
    assert document.totals["alarms_handled"] == 1
    said = " ".join(p.text for p in document.sections[2].paragraphs)
    assert "应编通报1期，已发布0期" in said
    printed = [c.text for s in document.sections for t in s.tables for r in t.rows for c in r]
    assert not any(text.startswith("JD") or text == "O1" for text in printed)


def test_all_of_the_last_are_named_when_they_are_level(facts):
    said = " ".join(p.text for p in period_bulletin(facts, number="1").sections[0].paragraphs)
    assert "第一为A区（3.10），末位为B区、C区（3.90）" in said


def test_year_on_year_names_relative_change_and_points(facts):
    said = " ".join(p.text for p in period_bulletin(facts, number="1").sections[0].paragraphs)
    assert "PM2.5 改善3.1%" in said
    assert "优良率提高16.6个百分点（相对变化+24.9%）" in said


def test_without_last_year_nothing_is_compared(facts):
    city = replace(facts.air.city, year_ago=None)
    document = period_bulletin(replace(facts, air=replace(facts.air, city=city)), number="1")
    assert any("没有上年同期数据" in p.text for p in document.sections[0].paragraphs)


def test_a_column_without_anything_to_compare_is_not_printed(facts):
    monthly = replace(facts, kind="monthly")
    names = [t.name for t in period_bulletin(monthly, number="1").tables()]
    assert "changes" in names
    air = replace(facts.air, districts=[place("A", "3.10", 1), place("B", "3.90", 2)])
    names = [t.name for t in period_bulletin(replace(monthly, air=air), number="1").tables()]
    assert "changes" not in names


def test_a_period_without_air_says_so_and_no_zero_stands_for_it(facts):
    empty = AirPeriod(AirPlace("", "", "", AirFigures(days=7)), rules=("HJ663-2026",))
    document = period_bulletin(replace(facts, air=empty), number="1")
    assert "没有足够的空气监测数据" in document.sections[0].paragraphs[0].text


def test_a_missing_item_is_named_and_no_index_is_made(facts):
    values = {**facts.air.city.now.values, "o3": None}
    now = replace(facts.air.city.now, values=values, index=None)
    air = replace(facts.air, city=replace(facts.air.city, now=now))
    said = " ".join(
        p.text for p in period_bulletin(replace(facts, air=air), number="1").sections[0].paragraphs
    )
    assert "O3有效数据不足" in said
    assert "综合指数为" not in said


def test_the_last_speak_and_improvement_is_another_order(air):
    assert [d.code for d in speakers(air, last=1)] == ["B", "C"]
    assert [(r, d.code) for r, d, _ in improvement(air)] == [(1, "A"), (2, "C"), (3, "B")]
    document = ranking_bulletin(RankingFacts(**WHOSE, **SPAN, air=air), number="1")
    text = document.plain()
    assert "表态发言：B区、C区" in text
    assert "不排名：D区" in text
    assert document.totals == {"districts": 4, "districts_ranked": 3}


def test_praise_and_criticism_follow_the_printed_rule(cases):
    facts = SupervisionFacts(**WHOSE, **SPAN, cases=cases, rule=Praise(1, 1))
    document = supervision_bulletin(facts, number="1")
    assert document.totals["praised"] == 0
    assert document.totals["blamed"] == 2
    punctual = [replace(c, overdue=False) for c in cases]
    document = supervision_bulletin(replace(facts, cases=punctual), number="1")
    assert [r[0].text for r in document.sections[1].tables[0].rows] == ["望澜分局"]
    assert assert_every_count_is_its_rows(document) > 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_missed_samples_are_told_with_their_reason(language):
    samples = [
        SampleDue("S1", "望澜桥", date(2026, 9, 15), date(2026, 9, 15), "Ⅲ"),
        SampleDue("S1", "望澜桥", date(2026, 9, 17), date(2026, 9, 18), "Ⅳ", (("w21003", D("0.2")),)),
        SampleDue("S2", "青石渡", date(2026, 9, 17), reason="洪水封路"),
    ]  # fmt: skip
    document = water_weekly(
        WaterWeekFacts(**WHOSE, **SPAN, samples=samples), number="1", language=language
    )
    assert document.totals["samples_missed"] == 1
    assert "洪水封路" in document.sections[0].paragraphs[1].text
    assert assert_every_count_is_its_rows(document) >= 3


def test_the_water_board_counts_acceptance_and_reuse():
    done = date(2026, 8, 1)
    black = [Work(f"水体{n}", "望澜区", date(2026, 8, 30), 100, done, "合格") for n in range(7)]
    facts = WaterworksFacts(
        **WHOSE, **SPAN, black_water=black,
        projects=[Work("扩容", "青石区", date(2026, 9, 1), None, None)],
        plants=[
            Plant("一厂", "望澜区", 30, 30, D("300"), D("75")),
            Plant("二厂", "青石区", 30, 29, D("100"), None),
        ],
    )  # fmt: skip
    document = waterworks_bulletin(facts, number="1")
    text = document.plain()
    assert "完成整治并验收7处（7/7）" in text
    assert "回用率25.0%" in text
    assert "出水全部达标1座" in text
    assert "逾期1处" in text
    rows = document.sections[0].tables[0].rows
    assert (rows[1][3].text, rows[1][5].text) == ("96.7%", "未报")
    assert assert_every_count_is_its_rows(document) >= 8
    empty = waterworks_bulletin(WaterworksFacts(**WHOSE, **SPAN), number="1")
    assert "没有登记黑臭水体" in empty.plain()


@pytest.mark.parametrize("when", ["day", "week", "month", "year"])
def test_a_road_survey_says_spots_slips_and_classes(when):
    facts = SurveyFacts(
        **WHOSE, **SPAN, when=when, vehicles=24, kilometres=D("1200.5"), records=480_000,
        spots=[
            HotSpot("h1", "望澜路（东—西）", "望澜区", 12, 4, D("210"), D("90"), "督〔2026〕1号"),
            HotSpot("h2", "青石路", "青石区", 9, 3, None, None),
        ],
        classes=[
            RoadClasses("望澜区", "pm10", {"red": 2, "green": 30}, {"red": 3, "green": 29}),
            RoadClasses("青石区", "pm10", {"red": 0}),
            RoadClasses("望澜区", "pm25", {"red": 1}, {"red": 1}),
        ],
        roads=[
            RoadFigure("望澜路（东—西）", "望澜区", D("260.1"), "red", 40, D("300.5")),
            RoadFigure("青石路", "青石区", D("90"), "red", 12, named="above", reason="省督察 7 号"),
            *(RoadFigure(f"支路{n}", "望澜区", D(80 - n), "yellow", 11) for n in range(30)),
        ],
        standings=[
            DistrictStanding("望澜区", D("91.2"), 1, D("80"), 2, D("6.1"), 1),
            DistrictStanding("青石区", D("80.0"), 2, D("70"), 1),
        ],
    )  # fmt: skip
    document = survey_report(facts, number="1")
    assert document.totals == {"spots": 2, "slips": 1}
    assert assert_every_count_is_its_rows(document) >= 4
    tables = {t.name: [[c.text for c in row] for row in t.rows] for t in document.tables()}
    assert tables["classes_pm10"] == [
        ["望澜区", "2（3）", "0（0）", "0（0）", "30（29）"],
        ["青石区", "0", "0", "0", "0"],
    ]
    assert tables["classes_pm25"] == [["望澜区", "1（1）", "0（0）", "0（0）", "0（0）"]]
    assert [row[-1] for row in tables["red"]] == ["监测", "国家或省级督察点名：省督察 7 号"]
    assert len(tables["worst"]) == 20
    assert tables["worst"][0] == ["1", "望澜路（东—西）", "望澜区", "260.1", "300.5", "40", "红"]
    assert ("standings" in tables) is (when == "month")
    nothing = survey_report(
        replace(facts, records=0, spots=[], classes=[], roads=[], standings=[]), number="1"
    )
    assert "没有走航数据" in nothing.plain()


def test_a_pack_keeps_every_figure_of_its_parts(facts, cases):
    parts = [
        period_bulletin(replace(facts, kind="monthly"), number="月〔2026〕9号"),
        supervision_bulletin(SupervisionFacts(**WHOSE, **SPAN, cases=cases), number="督1"),
    ]
    pack = meeting_pack(
        parts, city="清源市", issuer="局", number="会1", day=LAST, agenda=["望澜桥断面超标"]
    )
    assert assert_every_count_is_its_rows(pack) > 20
    assert "1. 望澜桥断面超标" in pack.plain()
    assert pack.totals["p1_cases"] == pack.totals["p2_cases"] == 4
    assert len([t.name for t in pack.tables()]) == len({t.name for t in pack.tables() if t.name})


def test_a_slip_names_its_addressee_and_its_matters():
    made = slip(
        Slip("提1", "望澜区人民政府", "望澜桥断面", [("氨氮 超标", "1.3 mg/L", "1 mg/L", "09-15 11:00")],
             date(2026, 9, 18), "局", LAST)
    )  # fmt: skip
    assert made.addressee == "望澜区人民政府"
    assert made.sections[0].tables[0].rows[0][1].text == "1.3 mg/L"


def test_an_older_frozen_document_reads_back():
    old = {
        "title": "t", "number": "1", "issuer": "i", "dated": "d", "footnotes": [], "totals": {},
        "sections": [{"heading": "h", "paragraphs": [], "tables": [
            {"head": ["a"], "rows": [[{"text": "x", "link": None, "number": False, "mark": ""}]],
             "caption": "", "empty": ""}]}],
    }  # fmt: skip
    document = Document.from_dict(old)
    assert document.sections[0].tables[0].rows[0][0].text == "x"
    assert document.ledgers == ()
