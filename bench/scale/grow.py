"""How the store's questions grow with rows: the same question over 10⁶, 10⁷ and 10⁸ rows.

    python bench/scale/grow.py [--rows 1000000,10000000] [--spark] [--worker-mb 1024]

Rows are generated (stations with four factors every ten minutes; taxis with a fix every three
seconds), written as the store writes them, and asked in a fresh process for each engine and
question: hourly means of everything, one day's completeness, one station's month; passes and
segments of a fleet. Imports and sessions are made before the clock starts. Seconds are of the wall
and of the processor, of every process that took part: for Spark the driver, the master, the workers
and their executors; memory is their peak together. What others took of the machine meanwhile is
told in cores. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qingyuan.core.periods import Period, day_of
from qingyuan.store.cluster import local_cluster, why_not
from qingyuan.store.columns import OBSERVATIONS
from qingyuan.store.observations import Observations
from qingyuan.store.tables import Table

FACTORS = ("w01001", "w01009", "w21003", "w21011")
FIRST = date(2026, 6, 1)
EVERY_S, DAY_S = 600, 86_400
FIXES = pa.schema(
    [
        pa.field("vehicle", pa.string()), pa.field("t", pa.int64()), pa.field("segment", pa.int64()),
        pa.field("rise", pa.int64()), pa.field("lon", pa.float64()), pa.field("lat", pa.float64()),
        pa.field("speed", pa.float32()), pa.field("pm10", pa.float32()), pa.field("pm25", pa.float32()),
        pa.field("humidity", pa.float32()), pa.field("reason", pa.int8()), pa.field("day", pa.date32()),
    ]
)  # fmt: skip
ASKED = pa.schema([FIXES.field(name) for name in ("vehicle", "t", "segment", "rise")])
MEMORY_MB, MORE_MB = 1024, 6144  # DuckDB's; the second for what spills with the first
LONGEST_S = 1500
ROOMY = f"duckdb, {MORE_MB // 1024} GB"
_ROOMY_LEAST = 50_000_000
_PANDAS_MOST = 20_000_000  # more would not fit beside the others


def days_of_observations(rows: int) -> tuple[int, int]:
    """Return stations and days that make about *rows* rows, as a city of that size would."""
    per_station = len(FACTORS) * DAY_S // EVERY_S
    stations = max(100, min(3000, rows // (17 * per_station)))
    return stations, max(1, rows // (stations * per_station))


def observations_of(day: date, stations: int, rng: np.random.Generator) -> pa.Table:
    """Return a day of readings, in the order in which they arrive."""
    steps = DAY_S // EVERY_S
    n = steps * stations * len(FACTORS)
    start = int(day_of(day).start.timestamp())
    time_us = np.repeat(start + EVERY_S * np.arange(steps), n // steps) * 1_000_000
    who = np.tile(np.repeat(np.arange(stations), len(FACTORS)), steps)
    what = np.tile(np.arange(len(FACTORS)), steps * stations)
    middle = rng.integers(100, 900, stations * len(FACTORS))
    units = np.abs(np.tile(middle, steps) + rng.integers(-60, 61, n))
    pool = pa.array([f"{u / 100:.2f}" for u in range(int(units.max()) + 1)])
    names = pa.array([f"section:S{s:05d}" for s in range(stations)])
    numbers = pa.array([f"A3702{s:05d}" for s in range(stations)])
    times = pa.array(time_us).cast(pa.timestamp("us", "UTC"))
    received = pa.array(time_us + rng.integers(300_000, 4_000_000, n)).cast(times.type)
    qn = pa.array(time_us // 1000).cast(pa.string())
    text = pool.take(pa.array(units))

    def same(value: object, kind: pa.DataType) -> pa.Array:
        return pa.repeat(pa.scalar(value, kind), n)

    columns = {
        "station": names.take(pa.array(who)), "factor": pa.array(FACTORS).take(pa.array(what)),
        "cn": same("2011", pa.string()), "suffix": same("Rtd", pa.string()), "time": times,
        "value": pc.cast(text, pa.float64()), "text": text, "flag": same("N", pa.string()),
        "unit": same("mg/L", pa.string()), "mn": numbers.take(pa.array(who)), "qn": qn,
        "received_at": received, "segment": same(1, pa.int64()), "offset": pa.array(np.arange(n)),
        "changed": same(False, pa.bool_()), "day": same(day, pa.date32()),
    }  # fmt: skip
    return pa.table(columns, OBSERVATIONS)


def fixes_of(day: date, vehicles: int, rng: np.random.Generator) -> pa.Table:
    """Return fourteen hours of a fleet, a fix every three seconds."""
    steps = 14 * 3600 // 3
    n = steps * vehicles
    start = int(day_of(day).start.timestamp()) + 6 * 3600
    t = np.tile(start + 3 * np.arange(steps), vehicles)
    moves = rng.choice([0, 0, 0, 0, 1, -1], (vehicles, steps)).cumsum(axis=1)
    segment = np.abs(rng.integers(0, 40_000, (vehicles, 1)) + moves).ravel()
    pm10 = np.round(rng.gamma(4.0, 20.0, n), 1).astype(np.float32)
    columns = {
        "vehicle": pa.array([f"T{v:05d}" for v in range(vehicles)]).take(
            pa.array(np.repeat(np.arange(vehicles), steps))
        ),
        "t": t, "segment": segment, "rise": (pm10 * 1000).astype(np.int64) - 60_000,
        "lon": np.round(116.3 + segment * 1e-5 + rng.normal(0, 1e-4, n), 6),
        "lat": np.round(39.9 + segment * 5e-6 + rng.normal(0, 1e-4, n), 6),
        "speed": np.round(rng.uniform(0, 20, n), 1).astype(np.float32), "pm10": pm10,
        "pm25": np.round(pm10 * 0.5, 1).astype(np.float32),
        "humidity": np.round(rng.uniform(30, 80, n), 0).astype(np.float32),
        "reason": np.zeros(n, np.int8), "day": pa.repeat(pa.scalar(day, pa.date32()), n),
    }  # fmt: skip
    return pa.table(columns, FIXES)


def filled(folder: Path, rows: int) -> dict[str, object]:
    """Write about *rows* readings and as many fixes; return what they take."""
    rng = np.random.default_rng(rows)
    stations, days = days_of_observations(rows)
    began = time.process_time()
    table = Table(folder, "observations", OBSERVATIONS)
    for number in range(days):
        table.append(observations_of(FIRST + timedelta(days=number), stations, rng))
    spent = time.process_time() - began
    fleet = Table(folder, "fixes", FIXES)
    vehicles = max(20, min(500, rows // (3 * 16_800)))
    fleet_days = max(1, rows // (vehicles * 16_800))
    for number in range(fleet_days):
        fleet.append(fixes_of(FIRST + timedelta(days=number), vehicles, rng))
    told = {}
    for one in (table, fleet):
        actions = one.actions()
        n = sum(actions.column("num_records").to_pylist())
        size = sum(actions.column("size_bytes").to_pylist())
        told[one.name] = {"rows": n, "mb": round(size / 1e6, 1), "bytes_a_row": round(size / n, 2)}
    return {
        "stations": stations, "days": days, "vehicles": vehicles, "fleet_days": fleet_days,
        "generated_and_written_cpu_s": round(spent, 1), **told,
    }  # fmt: skip


def asked(folder: Path, question: str) -> int:
    """Ask one question of the engine of this process, made before; return the rows of its answer."""
    from qingyuan.store import expressions
    from qingyuan.store.answers import READINGS, Question
    from qingyuan.store.engine import engine
    from qingyuan.store.fix_expressions import passes, segments

    if question == "segments":
        files = Table(folder, "fixes").files()
        return engine().ask([files], lambda f: segments(passes(f)), schema=ASKED).num_rows
    store = Observations(folder)
    last = store.table.days()[-1]
    if question == "month of one station":
        period = Period(day_of(FIRST).start, day_of(last).end)
        return len(store.means(["section:S00007"], None, period, interval_s=EVERY_S))
    if question == "one day":
        return len(store.means(None, None, day_of(last), step="day", interval_s=EVERY_S))
    from qingyuan.readings.intake import ranges
    from qingyuan.store.answers import FILED

    whole = Question(Period(day_of(FIRST).start, day_of(last).end), sources=READINGS)
    bounds = engine().bounds(ranges())

    def hours(*parts: object) -> object:
        rows = expressions.asked(whole, *parts)
        found = expressions.hourly(expressions.usable(rows, bounds))
        return found.aggregate(  # of every column, else an engine leaves out what nobody looks at
            hours=found.count(), readings=found["count"].sum(), total=found.total.sum(),
            low=found.low.min(), high=found.high.max(),
        )  # fmt: skip

    clean, mixed = store.table.days_apart("changed", first=FIRST, last=last)
    answer = engine().ask([clean, mixed] if mixed else [clean], hours, schema=FILED)
    return int(answer.column(0)[0].as_py())


def by_pandas(folder: Path) -> int:
    """Take hourly means with pandas: binary floats, no check of flags, ranges or corrections."""
    import pandas as pd

    files = Table(folder, "observations").files()
    rows = pd.concat(
        pq.ParquetFile(f).read(["station", "factor", "time", "value"]).to_pandas() for f in files
    )
    return len(rows.groupby(["station", "factor", rows.time.dt.floor("h")]).value.mean())


def measured(folder: Path, engine_name: str, question: str, environ: dict[str, str]) -> dict[str, object]:  # fmt: skip
    """Ask in a process of its own and return seconds, memory and what others took meanwhile."""
    told: dict[str, object] = {"engine": engine_name, "question": question}
    with tempfile.TemporaryFile("w+") as faults, subprocess.Popen(
        [sys.executable, __file__, "--ask", question, "--by", engine_name, "--keep", str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=faults, text=True,
        cwd=folder.parent, env={**os.environ, **environ},
    ) as asker:  # fmt: skip
        assert asker.stdin is not None
        assert asker.stdout is not None
        late = threading.Timer(LONGEST_S, asker.kill)
        late.start()
        ready = asker.stdout.readline()  # its imports are made, and the session
        root = os.getpid() if engine_name == "spark" else asker.pid  # the cluster is ours
        before, busy = cpu_of(tree(root)), machine_busy()
        with peak_of(root) as peak:
            print("ask", file=asker.stdin, flush=True)
            answer = asker.stdout.readline() if ready else ""
        after, busy = cpu_of(tree(root)), machine_busy() - busy
        late.cancel()
        asker.stdin.close()
        asker.stdout.read()
        if not answer.startswith("{"):
            asker.wait()
            faults.seek(0)
            cause = f"not within {LONGEST_S} s" if late.finished.is_set() and asker.returncode == -9 else ""  # fmt: skip
            return {**told, "failed": cause or faults.read().strip()[-300:]}
    told |= json.loads(answer)
    if engine_name == "spark":
        told |= {"cpu_s": round(after - before, 2), "peak_mb": peak[0]}
    others = (busy - (after - before)) / float(str(told["seconds"]))
    return {**told, "others_cores": round(max(0.0, others), 1)}


def ask_here(folder: Path, engine_name: str, question: str) -> None:
    """Ask once in this process, when told to; imports and the session are made before."""
    if engine_name == "pandas":
        import pandas  # noqa: F401 -- not part of the question
    else:
        from qingyuan.store.engine import engine

        engine(threads=2, memory_mb=MORE_MB if engine_name == ROOMY else MEMORY_MB)
    print("ready", flush=True)
    sys.stdin.readline()
    wall, cpu = time.perf_counter(), time.process_time()
    rows = by_pandas(folder) if engine_name == "pandas" else asked(folder, question)
    told = {
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_mb": peak_mb(),
        "answer_rows": rows,
    }
    print(json.dumps(told), flush=True)
    sys.stdin.read()  # stay until who measures has looked at what this and its children took


def tree(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(_fields(status)[1]), []).append(int(status.parent.name))
    found, rest = [], [root]
    while rest:
        found.append(rest.pop())
        rest += parents.get(found[-1], [])
    return found


def cpu_of(processes: list[int]) -> float:
    """Return the processor seconds of processes, and of what they have already buried."""
    ticks = 0
    for number in processes:
        with suppress(OSError):
            ticks += sum(int(text) for text in _fields(Path(f"/proc/{number}/stat"))[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def machine_busy() -> float:
    """Return the processor seconds of the whole machine since it began."""
    told = Path("/proc/stat").read_text("utf-8").split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _wait, *more = (int(text) for text in told[:8])
    return (user + nice + system + sum(more)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def peak_of(root: int) -> Iterator[list[int]]:
    """Look ten times a second at what a process and its descendants hold; MB, pages shared by two count twice."""
    most, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            pages = 0
            for number in tree(root):
                with suppress(OSError):
                    pages += int(_fields(Path(f"/proc/{number}/stat"))[21])
            most[0] = max(most[0], round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def _fields(status: Path) -> list[str]:
    """Return the fields of a process after its name, which may hold blanks."""
    return status.read_text("utf-8", errors="replace").rpartition(")")[2].split()


def one_size(folder: Path, rows: int, spark: dict[str, str] | None, worker_mb: int) -> dict[str, object]:  # fmt: skip
    """Fill a store of one size and put every question to every engine."""
    told = filled(folder, rows)
    answers = []
    for question in ("all hours", "one day", "month of one station", "segments"):
        answers.append(measured(folder, "duckdb", question, {"QINGYUAN_ENGINE": "duckdb"}))
        if rows >= _ROOMY_LEAST and question in ("all hours", "segments"):
            answers.append(measured(folder, ROOMY, question, {"QINGYUAN_ENGINE": "duckdb"}))
        if spark is not None:
            answers.append(measured(folder, "spark", question, spark))
    if rows <= _PANDAS_MOST:
        answers.append(measured(folder, "pandas", "all hours", {}))
    return {"rows": rows, "worker_mb": worker_mb, **told, "answers": answers}


def peak_mb() -> int:
    """Return this program's own peak; what the system reports of a child begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text("utf-8").splitlines() if "VmHWM" in one)
        return round(int(line.split()[1]) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> int:
    """Fill, ask, print."""
    call = argparse.ArgumentParser()
    call.add_argument("--rows", default="1000000,10000000")
    call.add_argument("--spark", action="store_true")
    call.add_argument("--worker-mb", type=int, default=1024)
    call.add_argument("--keep", type=Path, help=argparse.SUPPRESS)
    call.add_argument("--ask")
    call.add_argument("--by", default="duckdb")
    args = call.parse_args()
    if args.ask:
        ask_here(args.keep, args.by, args.ask)
        return 0
    sizes = []
    with ExitStack() as stack:
        use_spark = args.spark and why_not() is None
        cluster = stack.enter_context(
            local_cluster(memory_mb=args.worker_mb) if use_spark else nullcontext()
        )
        environ = {
            "QINGYUAN_ENGINE": str(cluster),
            "QINGYUAN_SPARK": "spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1 "
            f"spark.executor.memory={args.worker_mb - 100}m spark.driver.memory=900m",
        }
        for rows in (int(float(text)) for text in args.rows.split(",")):
            with tempfile.TemporaryDirectory(prefix="qy-scale-") as scratch:
                sizes.append(
                    one_size(
                        Path(scratch) / "store",
                        rows,
                        environ if use_spark else None,
                        args.worker_mb,
                    )
                )
            print(f"scale: {rows:,} rows done", file=sys.stderr, flush=True)
    print(json.dumps({"memory_cap_mb": MEMORY_MB, "threads": 2, "spark": why_not() or "2 × 1 core", "sizes": sizes}, ensure_ascii=False, indent=1))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
