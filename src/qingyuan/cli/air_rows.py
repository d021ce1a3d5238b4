"""Rows of air (空气数据行): stations and pollutants by whatever name a stranger gave them."""

from __future__ import annotations

from qingyuan.cli.tables import Table, read_table
from qingyuan.standards.items import find_item

__all__ = ["ITEMS", "read_air"]

ITEMS = ("so2", "no2", "pm10", "pm25", "co", "o3")
_WORDS = {
    "station": ("站点", "点位", "监测点", "站点编码", "站点名称", "stationcode", "station_code", "site"),
    "time": ("时间", "监测时间", "日期", "date", "day", "datetime", "timepoint"),
    "district": ("区县", "区市", "行政区"),
    "city": ("城市", "area"),
    "place": ("地区",),
    "period": ("时段", "月份", "month"),
    "index": ("综合指数",),
    "last": ("去年同期", "上期"),
}  # fmt: skip
_SERIES = {"SO2": "so2", "NO2": "no2", "PM10": "pm10", "PM2.5": "pm25", "CO": "co", "O3": "o3"}


def read_air(path: str) -> Table:
    """Read a table of air, its columns under the names of the verbs."""
    table = read_table(path)
    names = {other: name for name, others in _WORDS.items() for other in others}
    for column in table.columns:
        known = find_item(column)
        if known is not None and known.symbol in _SERIES:
            names[column] = _SERIES[known.symbol]
    return table.called(names)
