"""The same question as a competent script would put it: pandas, Polars, DuckDB, in binary floats.

Daily means of at least 20 hours, largest 8-h mean (17 windows, at least 14 or above 160), rounded
concentrations, sub-indices rounded up, primary pollutants with ties, monthly composite index and
rank. Each answers two tables: days ``station day aqi primary`` and months ``station month index
rank`` (index in hundredths, primary as bits in the order of `ITEMS`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

ITEMS = ("so2", "no2", "pm10", "co", "o3", "pm25")
INDEX = [0, 50, 100, 150, 200, 300, 400, 500]
STEPS = {
    "so2": [0, 50, 150, 475, 800, 1600, 2100, 2620],
    "no2": [0, 40, 80, 180, 280, 565, 750, 940],
    "pm10": [0, 50, 120, 250, 350, 420, 500, 600],
    "pm25": [0, 35, 60, 115, 150, 250, 350, 500],
    "co": [0, 2, 4, 14, 24, 36, 48, 60],
    "o3": [0, 100, 160, 215, 265, 800],
}
LIMITS = {"so2": 60, "no2": 40, "pm10": 60, "pm25": 30, "co": 4, "o3": 160}
PLACES = {"co": 1}
PERCENT = {"co": 0.95, "o3": 0.90}
MEANS = ("so2", "no2", "pm10", "pm25", "co")


def _indices(rounded: dict[str, Any]) -> tuple[Any, Any]:
    found = {
        name: np.ceil(np.interp(values, STEPS[name], INDEX[: len(STEPS[name])]))
        for name, values in rounded.items()
    }
    found = {name: np.where(np.isnan(rounded[name]), np.nan, found[name]) for name in found}
    aqi = np.fmax.reduce(list(found.values()))
    bits = sum((found[name] == aqi).astype(int) << bit for bit, name in enumerate(ITEMS))
    return aqi, np.where(aqi > 50, bits, 0)


def pandas(path: Path) -> tuple[Any, Any]:
    """Answer with pandas."""
    import pandas as pd

    hours = pd.read_parquet(path)
    start = hours["time"] - pd.Timedelta(hours=1)
    hours["day"] = start.dt.floor("D")
    o3 = hours.groupby("station", observed=True, sort=False)["o3"].rolling(8, min_periods=6).mean()
    hours["o3_8h"] = o3.to_numpy()
    by_day = hours.groupby(["station", "day"], observed=True)
    means, count = by_day[list(MEANS)].mean(), by_day[list(MEANS)].count()
    days = means.where(count >= 20)
    inside = hours[start.dt.hour >= 7].groupby(["station", "day"], observed=True)["o3_8h"]
    largest, windows = inside.max(), inside.count()
    days["o3"] = largest.where((windows >= 14) | (largest.round() > 160))
    aqi, primary = _indices(
        {name: days[name].round(PLACES.get(name, 0)).to_numpy() for name in ITEMS}
    )
    answer = pd.DataFrame({"aqi": aqi, "primary": primary}, index=days.index).reset_index()
    month = days.index.get_level_values("day").to_period("M")
    by_month = days.groupby([days.index.get_level_values("station"), month], observed=True)
    figures = by_month[list(ITEMS)].mean()
    for name, share in PERCENT.items():
        figures[name] = by_month[name].quantile(share)
    single = [(figures[n].round(PLACES.get(n, 0)) / LIMITS[n]).round(2) for n in ITEMS]
    figures["index"] = sum(single[1:], single[0]).round(2)
    figures.index.names = ["station", "month"]
    figures["rank"] = figures.groupby("month")["index"].rank(method="min")
    months = figures[["index", "rank"]].reset_index()
    months["month"] = months["month"].astype(str)
    months["index"] = (months["index"] * 100).round()
    return answer, months


def polars(path: Path) -> tuple[Any, Any]:
    """Answer with Polars."""
    import polars as pl

    hours = pl.scan_parquet(path).with_columns(
        start=pl.col("time") - pl.duration(hours=1),
        station=pl.col("station").cast(pl.String),
        o3_8h=pl.col("o3").rolling_mean(8, min_samples=6).over("station"),
    )
    inside = pl.when(pl.col("start").dt.hour() >= 7).then(pl.col("o3_8h"))
    days = (
        hours.group_by("station", day=pl.col("start").dt.date())
        .agg(
            *[pl.when(pl.col(n).count() >= 20).then(pl.col(n).mean()).alias(n) for n in MEANS],
            largest=inside.max(),
            windows=inside.count(),
        )
        .with_columns(
            o3=pl.when((pl.col("windows") >= 14) | (pl.col("largest").round() > 160)).then(
                "largest"
            )
        )
        .collect()
        .sort("station", "day")
    )
    rounded = {
        name: days[name].round(PLACES.get(name, 0)).fill_null(np.nan).to_numpy() for name in ITEMS
    }
    aqi, primary = _indices(rounded)
    answer = days.select("station", "day").with_columns(
        aqi=pl.Series(aqi), primary=pl.Series(primary)
    )
    figures = days.group_by("station", month=pl.col("day").dt.strftime("%Y-%m")).agg(
        *[pl.col(n).mean() for n in ITEMS if n not in PERCENT],
        *[pl.col(n).quantile(p, interpolation="linear") for n, p in PERCENT.items()],
    )
    single = [(pl.col(n).round(PLACES.get(n, 0)) / LIMITS[n]).round(2) for n in ITEMS]
    months = figures.select("station", "month", index=pl.sum_horizontal(single).round(2))
    months = months.with_columns(
        rank=pl.col("index").rank("min").over("month"), index=(pl.col("index") * 100).round()
    )
    return answer.to_pandas(), months.to_pandas()


def duckdb(path: Path) -> tuple[Any, Any]:
    """Answer with SQL on DuckDB."""
    import duckdb as db

    con = db.connect()
    con.execute("SET threads = 2")

    def index_of(name: str) -> str:
        steps = STEPS[name]
        value = f"round({name}, {PLACES.get(name, 0)})"
        cases = " ".join(
            f"WHEN {value} <= {steps[i]} THEN ceil({INDEX[i - 1]} + "
            f"({INDEX[i]} - {INDEX[i - 1]}) * ({value} - {steps[i - 1]}) / {steps[i] - steps[i - 1]}.0)"
            for i in range(1, len(steps))
        )
        return f"CASE WHEN {name} IS NULL THEN NULL {cases} ELSE {INDEX[len(steps) - 1]} END"

    con.execute(f"""
        CREATE TABLE days AS
        WITH hours AS (
          SELECT *, time - INTERVAL 1 HOUR AS start,
            avg(o3) OVER w AS a8, count(o3) OVER w AS n8
          FROM read_parquet('{path}')
          WINDOW w AS (PARTITION BY station ORDER BY time ROWS 7 PRECEDING)),
        sums AS (
          SELECT station, CAST(start AS DATE) AS day,
            {", ".join(f"CASE WHEN count({n}) >= 20 THEN avg({n}) END AS {n}" for n in MEANS)},
            max(a8) FILTER (hour(start) >= 7 AND n8 >= 6) AS largest,
            count(*) FILTER (hour(start) >= 7 AND n8 >= 6) AS windows
          FROM hours GROUP BY ALL)
        SELECT *, CASE WHEN windows >= 14 OR round(largest) > 160 THEN largest END AS o3 FROM sums
        """)
    days = con.execute(f"""
        WITH found AS (SELECT station, day, {", ".join(f"{index_of(n)} AS i_{n}" for n in ITEMS)} FROM days),
        best AS (SELECT *, greatest({", ".join(f"i_{n}" for n in ITEMS)}) AS aqi FROM found)
        SELECT station, day, aqi, CASE WHEN aqi > 50 THEN
          {" + ".join(f"CASE WHEN i_{n} = aqi THEN {1 << b} ELSE 0 END" for b, n in enumerate(ITEMS))}
          ELSE 0 END AS primary FROM best ORDER BY station, day
        """).df()
    figure = [
        f"round(round(quantile_cont({n}, {PERCENT[n]}), {PLACES.get(n, 0)}) / {LIMITS[n]}, 2)"
        if n in PERCENT
        else f"round(round(avg({n}), {PLACES.get(n, 0)}) / {LIMITS[n]}, 2)"
        for n in ITEMS
    ]
    months = con.execute(f"""
        WITH m AS (SELECT station, strftime(day, '%Y-%m') AS month, round({" + ".join(figure)}, 2) AS i
                   FROM days GROUP BY ALL)
        SELECT station, month, round(i * 100) AS index, rank() OVER (PARTITION BY month ORDER BY i) AS rank
        FROM m
        """).df()
    return days, months
