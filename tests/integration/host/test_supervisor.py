"""The supervisor with real processes."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.host.logs import RotatingLog
from qingyuan.host.processes import is_alive, wait_gone
from qingyuan.host.settings import Address
from qingyuan.host.supervisor import Program, Supervisor


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "d").create("city")


def _python(name: str, code: str, **options: float) -> Program:
    return Program(name, (sys.executable, "-c", code), **options)


def _until(
    question: Callable[[], bool], *, doing: Callable[[], object], seconds: float = 20
) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "waited in vain"
        doing()
        time.sleep(0.02)


def test_a_program_that_ends_is_started_again_and_its_lines_are_kept(folder: DataFolder) -> None:
    program = _python("brief", "print('hello 你好', flush=True); raise SystemExit(3)")
    ended: list[tuple[str, int]] = []
    with Supervisor(folder, [program]) as supervisor:
        _until(lambda: len(ended) >= 2, doing=lambda: ended.extend(supervisor.tick()))
    assert ended[:2] == [("brief", 3), ("brief", 3)]
    lines = (folder.logs / "brief.log").read_text("utf-8").splitlines()
    assert len(lines) >= 2
    assert all(line.endswith("Z hello 你好") for line in lines)


def test_a_program_that_keeps_failing_at_the_start_is_a_problem_with_its_log(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingyuan.host.supervisor._FIRST_PAUSE", 0.01)
    program = _python("web", "raise SystemExit('no such table')")
    with (
        Supervisor(folder, [program], health=Address("127.0.0.1", 9)) as supervisor,
        pytest.raises(Problem) as raised,
    ):
        supervisor.wait_ready(seconds=20)
    assert raised.value.code == "host.program_fails"
    assert "no such table" in raised.value.zh


@pytest.fixture
def healthy() -> Iterator[Address]:
    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Healthy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Address("127.0.0.1", server.server_port)
        server.shutdown()
        thread.join()


def test_ready_when_the_pages_answer(folder: DataFolder, healthy: Address) -> None:
    with Supervisor(folder, [_python("idle", "import time; time.sleep(60)")], health=healthy) as it:
        assert it.wait_ready(seconds=10) < 10


def test_not_ready_in_time_is_a_problem(folder: DataFolder, raises_problem) -> None:
    program = _python("idle", "import time; time.sleep(60)")
    nobody = Address("127.0.0.1", 9)
    with Supervisor(folder, [program], health=nobody) as it, raises_problem("host.not_ready"):
        it.wait_ready(seconds=0.3)


def test_stopping_is_in_reverse_order_and_kills_what_will_not_go(folder: DataFolder) -> None:
    note = folder.path / "order"
    polite = (
        "import signal, sys, time\n"
        f"def end(*_): open({str(note)!r}, 'a').write(sys.argv[1] + ' '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(60)\n"
    )
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', flush=True); time.sleep(60)\n"
    )
    programs = [
        Program("first", (sys.executable, "-c", polite, "first")),
        _python("stubborn", stubborn, stop_seconds=0.3),
        Program("last", (sys.executable, "-c", polite, "last")),
    ]
    supervisor = Supervisor(folder, programs)
    with supervisor:
        pids = supervisor.pids()
        logs = [folder.logs / f"{p.name}.log" for p in programs]
        _until(lambda: all(p.exists() and p.stat().st_size for p in logs), doing=supervisor.tick)
    assert note.read_text("utf-8").split() == ["last", "first"]
    assert not any(map(is_alive, pids.values()))


def test_grandchildren_do_not_outlive_their_group(folder: DataFolder) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True); time.sleep(60)\n"
    )
    log = folder.logs / "parent.log"
    with Supervisor(folder, [_python("parent", code)]) as supervisor:
        _until(lambda: log.exists() and log.stat().st_size > 0, doing=supervisor.tick)
        grandchild = int(log.read_text("utf-8").split()[-1])
        assert is_alive(grandchild)
    assert wait_gone(grandchild, seconds=5)


_RUNNER = """
import sys
from qingyuan.host.folder import DataFolder
from qingyuan.host.supervisor import Program, Supervisor
programs = [Program("idle", (sys.executable, "-c", "import time; time.sleep(600)"))]
with Supervisor(DataFolder(sys.argv[1]), programs) as supervisor:
    print(supervisor.pids()["idle"], flush=True)
    supervisor.run()
print("stopped", flush=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_it_started(folder: DataFolder, sent: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _RUNNER, str(folder.path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        idle = int(parent.stdout.readline())
        parent.send_signal(sent)
        assert parent.stdout.read().strip() == "stopped"
    assert parent.returncode == 0
    assert not is_alive(idle)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child its parent died")
def test_nothing_is_left_when_the_supervisor_is_killed(folder: DataFolder) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _RUNNER, str(folder.path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        idle = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    assert wait_gone(idle, seconds=10)


def test_a_log_rotates_and_keeps_five_files(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "web.log", largest=100, kept=5)
    for number in range(60):
        log.write(f"{number:08d} line\n".encode())
    log.close()
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == ["web.log", "web.log.1", "web.log.2", "web.log.3", "web.log.4"]
    assert all(p.stat().st_size <= 100 for p in tmp_path.iterdir())
    assert (tmp_path / "web.log").read_text("utf-8").endswith("00000059 line\n")
