"""A gateway appends, a worker compacts, a reader follows: three processes, one table."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qingyuan.store.observations import Observations

START = datetime(2026, 9, 1, 15, 50, tzinfo=UTC)  # 跨过北京时间零时，写入两个分日
BATCHES, ROWS = 120, 8

WRITER = """
import sys
from datetime import datetime, timedelta
from qingyuan.store.observations import Observations
folder, start, first, last, rows = sys.argv[1], datetime.fromisoformat(sys.argv[2]), *map(int, sys.argv[3:])
observations = Observations(folder)
for batch in range(first, last):
    observations.append(
        [
            {"station": "section:S01", "factor": f"w{row}", "cn": "2011", "suffix": "Rtd",
             "time": start + timedelta(seconds=10 * number), "text": str(number), "mn": "A37",
             "received_at": start + timedelta(seconds=10 * number), "offset": number}
            for number in (batch, max(batch - 1, 0))  # every batch sends the one before it again
            for row in range(rows)
        ],
        app=("gateway", batch),
    )
    print(batch, flush=True)
"""

WORKER = """
import sys
from pathlib import Path
from qingyuan.store.observations import Observations
observations = Observations(sys.argv[1])
done = 0
while not Path(sys.argv[2]).exists():
    done += observations.tidy()
print(done)
"""

FOLLOWER = """
import json, sys
from pathlib import Path
from qingyuan.store.observations import Observations
observations, version, seen = Observations(sys.argv[1]), 0, []
while True:
    ended = Path(sys.argv[2]).exists()
    news = observations.news(version, most=7)
    seen += zip(news.rows["factor"].to_pylist(), news.rows["text"].to_pylist())
    if ended and news.version == version:
        break
    version = news.version
print(json.dumps(seen))
"""


def start(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )


def answer(process):
    out, _ = process.communicate(timeout=90)
    assert process.returncode == 0
    return out


@pytest.fixture
def expected():
    return sorted((f"w{row}", str(batch)) for batch in range(BATCHES) for row in range(ROWS))


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_while_three_processes_share_the_table(tmp_path, expected):
    folder, end = tmp_path / "store", tmp_path / "end"
    Observations(folder)
    worker, follower = start(WORKER, folder, end), start(FOLLOWER, folder, end)
    writer = start(WRITER, folder, START.isoformat(), 0, BATCHES, ROWS)
    try:
        answer(writer)
    finally:
        end.touch()
    assert int(answer(worker)) > 0
    assert sorted(map(tuple, json.loads(answer(follower)))) == expected
    stored = Observations(folder).table.read(columns=["factor", "text"]).to_pylist()
    assert sorted((row["factor"], row["text"]) for row in stored) == expected


def test_a_writer_killed_at_any_moment_and_replayed_stores_each_row_once(tmp_path):
    folder = tmp_path / "store"
    batches = 30
    first = 0
    while first < batches:
        writer = start(WRITER, folder, START.isoformat(), first, batches, ROWS)
        for _ in range(7):
            line = writer.stdout.readline()
            if not line:
                break
        writer.kill()
        writer.communicate()
        done = Observations(folder).app_version("gateway")
        # the journal is read again from somewhat before what was committed
        first = batches if done == batches - 1 else max(0, (done or 0) - 3)
    observations = Observations(folder)
    rows = observations.since(0).to_pylist()
    assert len(rows) == batches * ROWS
    assert not any(row["changed"] for row in rows)
    assert {row["time"] for row in rows} == {
        START + timedelta(seconds=10 * batch) for batch in range(batches)
    }
