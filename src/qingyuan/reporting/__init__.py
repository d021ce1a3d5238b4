"""Reporting (通报编写): what a bulletin says, before anybody decides how it is printed.

Room: figures, tables, charts and sentences of bulletins from facts given as values, in two languages.
Knows: how a reminder, a weekly, a ranking, a slip is composed, and that its totals agree.
Never knows: file formats, databases, addresses of pages, today's date.
Sources: requirements R078, R156–R170, R175; visual.md "Charts"; 环办〔2011〕22号 (wording of classes).
"""

from qingyuan.reporting.air import AIR_ITEMS, AirDayIndex, AirFigures, AirPeriod, AirPlace
from qingyuan.reporting.change import percent, points_text, relative_text
from qingyuan.reporting.charts import svg
from qingyuan.reporting.daily import AirDay, DailyFacts, daily_reminder, with_known
from qingyuan.reporting.document import (
    Cell,
    Chart,
    Document,
    Link,
    Paragraph,
    Section,
    Series,
    Table,
    Text,
    rows_link,
)
from qingyuan.reporting.dust_slip import DustSlip, dust_slip
from qingyuan.reporting.pack import meeting_pack
from qingyuan.reporting.period import PERIODS, PeriodFacts, period_bulletin
from qingyuan.reporting.ranking import RankingFacts, improvement, ranking_bulletin, speakers
from qingyuan.reporting.sampling import SampleDue, WaterWeekFacts, water_weekly
from qingyuan.reporting.slips import Slip, slip
from qingyuan.reporting.supervision import Praise, SupervisionFacts, supervision_bulletin
from qingyuan.reporting.survey import (
    DistrictStanding,
    HotSpot,
    RoadClasses,
    RoadFigure,
    SurveyFacts,
    survey_report,
)
from qingyuan.reporting.tracing import TraceCurve, TraceFacts, TraceSuspect, trace_report
from qingyuan.reporting.water import CLASSES, SectionClass
from qingyuan.reporting.waterworks import Plant, WaterworksFacts, Work, waterworks_bulletin
from qingyuan.reporting.wording import LANGUAGES, Words
from qingyuan.reporting.work import AlarmLine, BulletinLine, WorkCase

__all__ = [
    "AIR_ITEMS",
    "CLASSES",
    "LANGUAGES",
    "PERIODS",
    "AirDay",
    "AirDayIndex",
    "AirFigures",
    "AirPeriod",
    "AirPlace",
    "AlarmLine",
    "BulletinLine",
    "Cell",
    "Chart",
    "DailyFacts",
    "DistrictStanding",
    "Document",
    "DustSlip",
    "HotSpot",
    "Link",
    "Paragraph",
    "PeriodFacts",
    "Plant",
    "Praise",
    "RankingFacts",
    "RoadClasses",
    "RoadFigure",
    "SampleDue",
    "Section",
    "SectionClass",
    "Series",
    "Slip",
    "SupervisionFacts",
    "SurveyFacts",
    "Table",
    "Text",
    "TraceCurve",
    "TraceFacts",
    "TraceSuspect",
    "WaterWeekFacts",
    "WaterworksFacts",
    "Words",
    "Work",
    "WorkCase",
    "daily_reminder",
    "dust_slip",
    "improvement",
    "meeting_pack",
    "percent",
    "period_bulletin",
    "points_text",
    "ranking_bulletin",
    "relative_text",
    "rows_link",
    "slip",
    "speakers",
    "supervision_bulletin",
    "survey_report",
    "svg",
    "trace_report",
    "water_weekly",
    "waterworks_bulletin",
    "with_known",
]
