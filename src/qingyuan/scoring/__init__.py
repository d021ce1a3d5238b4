"""Scoring (考核计分).

Room: indices that put districts and cities in order, the order itself, targets and what is left of them.
Knows: composite air index, city water index, ranking, budgets, forecasts, rebound, rates of change.
Never knows: databases, users, where the figures came from, today's date.
Sources: tables/*.toml, each number with its document and its mark.
"""

from qingyuan.scoring.air_board import AirBoard, DailyIndex, MonthBoard, daily_index, month_board
from qingyuan.scoring.air_index import (
    CompositeIndex,
    Variant,
    composite,
    composite_many,
    variant,
    variant_at,
)
from qingyuan.scoring.attainment import Attainment, attainment_of
from qingyuan.scoring.budget import Budget, DaysBudget, days_budget, mean_budget
from qingyuan.scoring.change import Improvement, Rebound, improvement, rebound_ranking
from qingyuan.scoring.explained import explain_composite
from qingyuan.scoring.forecast import Forecast, forecast_mean
from qingyuan.scoring.ranking import rank, rank_many, rate_of_change
from qingyuan.scoring.water_index import CityWaterIndex, Section, city_water_index

__all__ = [
    "AirBoard",
    "Attainment",
    "Budget",
    "CityWaterIndex",
    "CompositeIndex",
    "DailyIndex",
    "DaysBudget",
    "Forecast",
    "Improvement",
    "MonthBoard",
    "Rebound",
    "Section",
    "Variant",
    "attainment_of",
    "city_water_index",
    "composite",
    "composite_many",
    "daily_index",
    "days_budget",
    "explain_composite",
    "forecast_mean",
    "improvement",
    "mean_budget",
    "month_board",
    "rank",
    "rank_many",
    "rate_of_change",
    "rebound_ranking",
    "variant",
    "variant_at",
]
