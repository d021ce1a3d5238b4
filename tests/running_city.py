"""A demo city that really runs: database, gateway, worker, web and world as processes of their own.

The small town in ordinary test runs; the whole demo city when the manual's pictures are taken
(``QINGYUAN_SCREENSHOTS=1``). City time passes at its own pace while the house opens, and faster
once it is ready, so that the limit is crossed while somebody is looking.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from qingyuan.demo.incidents import Story, cast, plan
from qingyuan.demo.opening import open_city
from qingyuan.host.citytime import CityClock
from qingyuan.host.house import open_house
from qingyuan.host.ports import free_port
from qingyuan.host.programs import world_program
from qingyuan.host.settings import Settings
from qingyuan.host.supervisor import Program

__all__ = ["PICTURES", "RunningCity", "run_city"]

PICTURES = os.environ.get("QINGYUAN_SCREENSHOTS") == "1"
_PACE = 8.0
_HISTORY_DAYS = {"four-nodes": 10, "demo": 90}
_WORN = (
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&RtdInterval=30&&1C80\r\n",  # a device nobody registered
    b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&RtdInterval=30&&FFFF\r\n",  # a checksum that is wrong
)


@dataclass(frozen=True)
class RunningCity:
    """Its address, the incident that is left to people, and who the people are, by their part."""

    home: str
    gateway: tuple[str, int]
    story: Story
    people: dict[str, str]
    clock: CityClock

    def slow_down(self) -> None:
        """Let city time pass as in life again."""
        self.clock.start(self.clock.now(), rate=1.0)

    def send_worn_packets(self) -> None:
        """Send what no logger should: it goes to quarantine."""
        with closing(socket.create_connection(self.gateway, 5)) as line:
            for raw in _WORN:
                line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            line.settimeout(3)
            while line.recv(4096):
                pass


def _people(size: str) -> dict[str, str]:
    found = plan(size=size, seed=1)
    keepers = {"system": "system_admin", "security": "security_admin", "audit": "audit_admin"}
    return cast(found) | {
        part: next(p.username for p in found.city.people if role in p.roles)
        for part, role in keepers.items()
    }


@contextmanager
def run_city(folder: Path) -> Iterator[RunningCity]:
    """Open a demo city below *folder* on free ports and serve it while the block runs."""
    size = "demo" if PICTURES else "four-nodes"
    settings = Settings.from_environment(
        {
            "QINGYUAN_DATA": str(folder / "data"),
            "QINGYUAN_WEB": f"127.0.0.1:{free_port()}",
            "QINGYUAN_GATEWAY": f"127.0.0.1:{free_port()}",
        }
    )
    story = plan(size=size, seed=1).of("main")[0]
    with open_house(settings, kind="demo") as house:
        open_city(house, size=size, seed=1, days=_HISTORY_DAYS[size])
        chosen = ("--seed", "1", "--size", size)
        programs = [
            world_program(house.folder, settings.gateway, house.environment, *chosen),
            Program(
                "actors",
                (sys.executable, "-m", "qingyuan.demo.actors", *chosen),
                house.environment,
            ),
        ]
        with house.supervise(programs) as supervisor:
            supervisor.wait_ready()
            clock = CityClock(house.folder)
            clock.start(clock.now(), rate=_PACE)
            yield RunningCity(
                home=f"http://{settings.web}",
                gateway=(settings.gateway.host, settings.gateway.port),
                story=story,
                people=_people(size),
                clock=clock,
            )
