"""A duty that fails while the city runs: told once, tried again, and everything else runs on."""

from __future__ import annotations

import sys
import threading

from living_city import eventually
from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.host.supervisor import Program, Supervisor


def test_a_database_that_does_not_come_back_stops_nothing_else(tmp_path) -> None:
    folder = DataFolder(tmp_path / "city").create("city")
    sleeper = Program("sleeper", (sys.executable, "-c", "import time; time.sleep(60)"))
    calls: list[int] = []
    told: list[str] = []

    def keep() -> None:
        calls.append(1)
        if len(calls) in (2, 3, 4):
            raise Problem("host.database_start", log="postgres.log", tail="no space left")

    supervisor = Supervisor(folder, [sleeper], duties=[keep])
    with supervisor:
        pid = supervisor.pids()["sleeper"]
        running = threading.Thread(
            target=supervisor.run, kwargs={"on_trouble": lambda p: told.append(p.code)}
        )
        running.start()
        try:
            eventually(lambda: len(calls) > 6, what="the duty tried again", seconds=20)
            assert supervisor.pids()["sleeper"] == pid
        finally:
            supervisor.ask_to_stop()
            running.join()
    assert told == ["host.database_start"]  # once, not at every try
