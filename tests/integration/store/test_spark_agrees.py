"""A real Spark cluster (master and two workers on loopback), DuckDB and plain Python say the same."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fleet_days import FIXES, fleet, plain_passes, plain_segments
from qingyuan.core.periods import Period, city_date
from qingyuan.readings.periods import MISSING, SERIES, Hours, months_in
from qingyuan.scoring import AirBoard, variant
from qingyuan.standards.air_periods import period_rules
from qingyuan.standards.aqi import rule_set
from qingyuan.store import engine as module
from qingyuan.store.air_expressions import air_days, air_span, day_number
from qingyuan.store.cluster import local_cluster, why_not
from qingyuan.store.engine import Engine, engine
from qingyuan.store.fix_expressions import passes, segments
from qingyuan.store.observations import Observations
from qingyuan.store.reference import Reference
from qingyuan.store.spark import SparkEngine
from qingyuan.web.monitoring.selectors import completeness

pytestmark = [
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:::pyspark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
START = datetime(2026, 8, 31, 14, tzinfo=UTC)
WHOLE = Period(START, START + timedelta(hours=40))
HERE = (
    "spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1 spark.driver.memory=512m "
    "spark.executor.memory=512m spark.sql.shuffle.partitions=2 spark.sql.adaptive.enabled=false "
    "spark.sql.codegen.wholeStage=false spark.sql.codegen.factoryMode=NO_CODEGEN "
    "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 "
    "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"
)  # little data: compiling each plan would take longer than running it


@pytest.fixture(scope="module")
def spark():
    """Name the cluster in the setting, as an operator would; give it back at the end."""
    with pytest.MonkeyPatch.context() as patch, local_cluster(memory_mb=768) as url:
        patch.setenv("QINGYUAN_ENGINE", url)
        patch.setenv("QINGYUAN_SPARK", HERE)
        patch.setattr(module, "_ENGINES", {})
        made = engine()
        assert isinstance(made, SparkEngine)
        yield made
        made.stop()


@pytest.fixture
def by_engine(spark, monkeypatch):
    """Ask a question of the cluster, then of DuckDB."""

    def both(question):
        answers = [question()]
        monkeypatch.setattr(module, "_ENGINES", {})
        monkeypatch.delenv("QINGYUAN_ENGINE")
        return [*answers, question()]

    return both


@pytest.fixture(scope="module")
def observations(tmp_path_factory):
    store = Observations(tmp_path_factory.mktemp("store"))
    chance = random.Random(7)
    texts = ["1E-3", " 7.50 ", "12345678901234", "0.1234567", "", "--", "0.0000000000005"]
    for batch in range(3):
        store.append(
            {
                "station": chance.choice(["section:S1", "section:S2"]),
                "factor": chance.choice(["w21003", "w01001", "x00000"]),
                "cn": chance.choice(["2011", "2011", "2061"]),
                "suffix": chance.choice(["Rtd", "Avg"]),
                "time": START + timedelta(minutes=10 * chance.randrange(200)),
                "text": chance.choice([str(chance.randrange(20000) / 1000), *texts]),
                "flag": chance.choice(["N", "N", "N", "", "M"]),
                "mn": chance.choice(["A", "B"]),
                "received_at": START + timedelta(hours=chance.randrange(6)),
                "offset": 1000 * batch + number,
            }
            for number in range(400)
        )
    return store


def test_hours_days_and_the_latest_agree(by_engine, observations):
    plain = Reference(observations.since(0))
    seen_at = START + timedelta(hours=3)

    def question():
        return [
            observations.means(None, None, WHOLE),
            observations.means(None, None, WHOLE, step="day", interval_s=600),
            observations.means(None, None, WHOLE, known_at=seen_at),
            observations.latest(at=WHOLE.end).to_pylist(),
        ]

    on_spark, on_duckdb = by_engine(question)
    assert on_spark == on_duckdb
    newest = [{k: v for k, v in row.items() if k != "day"} for row in plain.latest(at=WHOLE.end)]
    assert on_spark == [
        plain.means(None, None, WHOLE),
        plain.means(None, None, WHOLE, step="day", interval_s=600),
        plain.means(None, None, WHOLE, known_at=seen_at),
        newest,
    ]
    assert on_spark[0] != on_spark[2]


def test_completeness_agrees(by_engine, observations):
    day = city_date(START + timedelta(hours=12))
    devices = [
        SimpleNamespace(mn=mn, station=f"section:S{n}", interval_s=600)
        for n, mn in ((1, "A"), (2, "B"))
    ]
    on_spark, on_duckdb = by_engine(
        lambda: completeness.day_counts(observations, devices, day, late_s=3600)
    )
    assert on_spark == on_duckdb
    rows = Reference(observations.since(0)).series("section:S1", "w21003", WHOLE)
    mine = {r["time"] for r in rows if r["mn"] == "A" and city_date(r["time"]) == day}
    assert mine
    assert on_spark["A"].received >= len(mine)


def _air_hours():
    rng = np.random.default_rng(11)
    decimals = {"so2": 0, "no2": 0, "pm10": 1, "pm25": 0, "co": 1, "o3": 0}
    values = {}
    for name in SERIES:
        cube = rng.integers(0, 300, (2, 5, 24))
        cube[rng.random(cube.shape) < 0.1] = MISSING
        values[name] = cube.astype(np.int32)
    return Hours(["S1", "S2"], date(2026, 3, 1), values, decimals)


def test_air_days_indices_and_ranks_agree(spark, tmp_path):
    hours = _air_hours()
    station, day, hour = np.indices((2, hours.days, 24))
    rows = pa.table(
        {
            "station": np.array(hours.stations)[station.ravel()],
            "day": day_number(hours.first_day) + day.ravel(),
            "hour": hour.ravel(),
            **{name: cube.ravel() for name, cube in hours.values.items()},
        }
    )
    pq.write_table(rows, tmp_path / "hours.parquet")
    rules, index_rules = period_rules("HJ663-2026"), rule_set("HJ633-2026")
    by = variant(rules.limits.name)
    how = {"decimals": hours.decimals, "rules": rules}
    board = AirBoard(hours, rules=rules, index_rules=index_rules, by=by)
    [span] = months_in(hours.first_day, hours.days)

    def days(table):
        return air_days(table, **how, index_rules=index_rules).order_by("station", "day")

    def month(table):
        return air_span(days(table), first=span.first, end=span.end, **how, by=by)

    parts = [[str(tmp_path / "hours.parquet")]]
    for build in (days, month):
        on_spark, on_duckdb = (
            one.ask(parts, build, schema=rows.schema).to_pylist() for one in (spark, Engine())
        )
        assert on_spark == on_duckdb
    assert [row["index"] for row in on_spark] == board.months[span.name].index.tolist()
    assert [row["rank"] for row in on_spark] == board.months[span.name].rank.tolist()


def test_passes_and_segments_of_a_fleet_agree(spark, tmp_path):
    table = fleet(seed=9, vehicles=5, fixes=300)
    pq.write_table(table, tmp_path / "fixes.parquet")
    parts = [[str(tmp_path / "fixes.parquet")]]
    answers = [
        one.ask(parts, lambda rows: segments(passes(rows)), schema=FIXES).to_pylist()
        for one in (spark, Engine())
    ]
    assert answers[0] == answers[1] == plain_segments(plain_passes(table))


def test_a_cluster_ends_with_who_started_it(tmp_path):
    """Killed outright, so that no block is left in order."""
    code = (
        "import os, time\n"
        "from qingyuan.store import cluster\n"
        "with cluster.ExitStack() as stack:\n"
        f"    log = cluster._start(stack, cluster.Path({str(tmp_path)!r}), 'm', cluster._MASTER,"
        " '--host', '127.0.0.1', '--port', '0', '--webui-port', '0')\n"
        "    print(open(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read(), flush=True)\n"
        "    time.sleep(60)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = Path("/proc") / starter.stdout.readline().split()[0]
    assert child.exists()
    starter.kill()
    starter.communicate()
    until = time.monotonic() + 10
    while child.exists() and "\nState:\tZ" not in (child / "status").read_text("utf-8"):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_empty_question_has_an_empty_answer(spark):
    assert spark.ask([[]], passes, schema=FIXES).num_rows == 0
