"""Killed compactions, full and read-only disks, half-written files: the table stays whole."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from qingyuan.core.periods import Period
from qingyuan.store.check import check
from qingyuan.store.maintenance import maintain
from qingyuan.store.observations import Observations
from qingyuan.store.policies import policy_of

START = datetime(2026, 9, 1, tzinfo=UTC)
DAYS, BATCHES, ROWS = 6, 8, 400
WHOLE = Period(START, START + timedelta(days=DAYS))

COMPACTION = """
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from qingyuan.store.maintenance import maintain
from qingyuan.store.policies import policy_of
from qingyuan.store.tables import Table
from qingyuan.store.columns import OBSERVATIONS
table = Table(sys.argv[1], "observations")
print("ready", flush=True)
maintain(table, today=date(2026, 9, 8), at=datetime(2026, 9, 8, tzinfo=UTC), full=True,
         policy=replace(policy_of("observations"), small_files=2))
"""


def readings(day, batch, rows=ROWS):
    start = START + timedelta(days=day, minutes=batch)
    return [
        {
            "station": f"section:S{n:03}", "factor": "w21003", "cn": "2011", "suffix": "Rtd",
            "time": start, "text": f"{n}.{batch}", "mn": f"A{n}", "received_at": start, "offset": n,
        }
        for n in range(rows)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def full_of_small_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "store"
    observations = Observations(folder)
    for batch in range(BATCHES):
        observations.append([row for day in range(DAYS) for row in readings(day, batch)])
    return folder, observations.means(None, None, WHOLE, step="day")


def run(code, *arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


def _new_file(table: Path, before: set[str]) -> bool:
    return any(path.name not in before for path in table.glob("day=*/*.parquet*"))


def _new_commit(table: Path, commits: int) -> bool:
    return len(list((table / "_delta_log").glob("*.json"))) > commits


MOMENTS = {
    "at-once": lambda table, before, commits: True,
    "a-file-half-written": lambda table, before, commits: _new_file(table, before),
    "one-day-committed": lambda table, before, commits: _new_commit(table, commits),
    "half-the-days": lambda table, before, commits: _new_commit(table, commits + DAYS // 2),
    "checkpoint": lambda table, *_: any((table / "_delta_log").glob("*.checkpoint*")),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_compaction_killed_at_any_moment_leaves_the_table_whole(
    full_of_small_files, tmp_path, moment
):
    source, expected = full_of_small_files
    folder = shutil.copytree(source, tmp_path / "store")
    table = folder / "observations"
    before = {path.name for path in table.glob("day=*/*")}
    commits = len(list((table / "_delta_log").glob("*.json")))
    process = run(COMPACTION, folder)
    assert process.stdout.readline() == "ready\n"
    while process.poll() is None and not MOMENTS[moment](table, before, commits):
        time.sleep(0.0005)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL or moment == "checkpoint"  # the last of its deeds
    observations = Observations(folder)
    assert check(observations.table, deep=True).is_whole
    assert observations.means(None, None, WHOLE, step="day") == expected
    rules = replace(policy_of("observations"), small_files=2)
    maintain(observations.table, today=date(2026, 9, 8), at=START, full=True, policy=rules)
    assert len(observations.table.files()) == DAYS
    assert observations.means(None, None, WHOLE, step="day") == expected


APPENDER = """
import sys
from qingyuan.core.problems import Problem
from qingyuan.store.observations import Observations
sys.path.insert(0, sys.argv[2])
from test_disasters import readings
observations = Observations(sys.argv[1])
try:
    for day in range(200):
        observations.append(readings(day, 0, rows=4000), app=("gateway", day))
except Problem as problem:
    print(problem.code, day)
    print(observations.app_version("gateway"))
"""


def _limited():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


def test_a_file_too_large_is_a_full_disk_and_nothing_of_the_batch_is_in_the_table(tmp_path):
    process = run(APPENDER, tmp_path / "store", Path(__file__).parent, preexec_fn=_limited)
    out, _ = process.communicate(timeout=60)
    code, day, kept = out.split()
    assert (code, day, kept) == ("store.full", "0", "None")
    observations = Observations(tmp_path / "store")
    assert check(observations.table, deep=True).is_whole
    observations.append(readings(0, 0, rows=4000), app=("gateway", 0))  # there is room again
    assert observations.since(0).num_rows == 4000


def test_a_really_full_disk_keeps_what_was_committed(tmp_path):
    """A file system of 3 MB of its own, in a namespace of its own."""
    tries = ["unshare", "-Urm", "mount", "-t", "tmpfs", "none", str(tmp_path)]
    if shutil.which("unshare") is None or subprocess.run(tries, capture_output=True).returncode:
        pytest.skip("namespaces may not be made here: no small file system to fill")
    script = f"""
mount -t tmpfs -o size=3m none {tmp_path} || exit 9
{sys.executable} -c "$APPENDER" {tmp_path}/store {Path(__file__).parent}
{sys.executable} -c "$CHECK" {tmp_path}/store
"""
    checking = (
        "import sys; from qingyuan.store.tables import Table; from qingyuan.store.check import check\n"
        "told = check(Table(sys.argv[1], 'observations'), deep=True); print(told.is_whole, told.rows)"
    )
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True, timeout=90,
        env={**os.environ, "APPENDER": APPENDER, "CHECK": checking}, check=False,
    )  # fmt: skip
    code, day, kept, whole, rows = done.stdout.split()
    assert (code, whole) == ("store.full", "True")
    assert int(kept) == int(day) - 1
    assert int(rows) == int(day) * 4000


def test_a_read_only_folder_is_read_and_says_so_when_written(tmp_path):
    if os.geteuid() == 0 and shutil.which("unshare") is None:
        pytest.skip("root writes everywhere, and there is no unshare to mount read-only")
    folder = tmp_path / "store"
    Observations(folder).append(readings(0, 0))
    code = (
        "import sys\nsys.path.insert(0, sys.argv[2])\n"
        "from test_disasters import readings, WHOLE\n"
        "from qingyuan.core.problems import Problem\n"
        "from qingyuan.store.observations import Observations\n"
        "store = Observations(sys.argv[1])\n"
        "print(len(store.means(None, None, WHOLE)))\n"
        "try: store.append(readings(1, 0))\n"
        "except Problem as problem: print(problem.code, problem.zh != problem.en)\n"
    )
    mount = f"mount --bind {tmp_path} {tmp_path} && mount -o remount,bind,ro {tmp_path}"
    call = f'{mount} && exec "$PYTHON" -c "$CODE" {folder} {Path(__file__).parent}'
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", call], capture_output=True, text=True, timeout=60,
        env={**os.environ, "CODE": code, "PYTHON": sys.executable}, check=False,
    )  # fmt: skip
    if "Operation not permitted" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"no namespaces here: {done.stderr.strip()[:80]}")
    assert done.stdout.split() == [str(ROWS), "store.unwritable", "True"]


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_disasters import readings
from qingyuan.store.observations import Observations
observations, batch = Observations(sys.argv[1]), 0
print("ready", flush=True)
while not Path(sys.argv[3]).exists():
    observations.append(readings(0, batch, rows=200), app=("gateway", batch))
    if batch % 10 == 9:
        observations.tidy()
    batch += 1
print(batch)
"""


def test_readers_see_whole_batches_and_never_wait_for_the_writer(tmp_path):
    """A process appends and compacts without a pause; each answer is of one snapshot."""
    folder, end = tmp_path / "store", tmp_path / "end"
    Observations(folder).append(readings(0, 999, rows=200))
    writer = run(WRITER, folder, Path(__file__).parent, end)
    assert writer.stdout.readline() == "ready\n"
    reader, seen = Observations(folder), []
    try:
        until = time.monotonic() + 2.5
        while time.monotonic() < until or len(seen) < 5:
            counts = {m.count for m in reader.means(None, ["w21003"], WHOLE, step="day", sources=[("2011", "Rtd")])}  # fmt: skip
            rows = reader.table.read(columns=["station"]).num_rows
            seen.append((counts, rows))
    finally:
        end.touch()
    written = int(writer.communicate(timeout=60)[0])
    rows = [rows for _, rows in seen]
    assert all(count % 200 == 0 for count in rows)
    assert rows == sorted(rows)
    assert rows[-1] > rows[0]
    assert Observations(folder).table.read(columns=["station"]).num_rows == (written + 1) * 200


def test_a_reader_opens_while_somebody_holds_the_pen(tmp_path):
    folder = tmp_path / "store"
    writer = Observations(folder)
    writer.append(readings(0, 0))
    with writer.table.committing():
        assert len(Observations(folder).means(None, None, WHOLE)) == ROWS
