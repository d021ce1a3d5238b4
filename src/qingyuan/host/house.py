"""Opening the house (开门): folder, ports, database and migrations, in that order, then programs.

Used by ``qingyuan up`` for a city and by the demo; each decides which programs it then starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder, Kind
from qingyuan.host.ports import check_free
from qingyuan.host.postgres import Database, open_database
from qingyuan.host.programs import platform_programs, program_environment
from qingyuan.host.rights import check_runtime_role
from qingyuan.host.settings import Settings
from qingyuan.host.supervisor import Program, Supervisor

__all__ = ["House", "open_house"]

_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class House:
    """A held data folder and its database, migrated; nothing else runs yet."""

    folder: DataFolder
    settings: Settings
    database: Database

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program of this house needs in its environment (the app role's database)."""
        return program_environment(self.folder, self.settings, self.database.urls)

    def migrate(self) -> None:
        """Bring the tables up to date in a process of its own, as the owner; then check the roles.

        Raises
        ------
        Problem
            ``host.migrate_failed`` with what the process said; ``host.started_as_owner``.
        """
        owner = {"DATABASE_OWNER_URL": self.database.urls.owner, "QINGYUAN_DATABASE_ROLE": "owner"}
        done = subprocess.run(
            [sys.executable, "-m", "qingyuan.cli", "migrate"],
            env={**os.environ, **self.environment, **owner},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise Problem("host.migrate_failed", tail=(done.stderr or done.stdout).strip()[-2000:])
        check_runtime_role(self.database.urls.app)

    def supervise(self, more: Sequence[Program] = ()) -> Supervisor:
        """Return the supervisor of gateway, worker, web and *more* (use it as a context)."""
        programs = [
            *platform_programs(self.folder, self.settings, self.database.urls),
            *more,
        ]
        return Supervisor(
            self.folder, programs, health=self.settings.web, duties=[self.database.keep]
        )


def _check_ports(settings: Settings) -> None:
    """Check all ports, giving processes of a killed predecessor a moment to let go of them."""
    until = time.monotonic() + _PATIENCE_SECONDS
    tls = settings.gateway_tls
    for address, what, setting in (
        (settings.web, "web", "QINGYUAN_WEB"),
        *((address, "gateway", "QINGYUAN_GATEWAY") for address in settings.gateway_addresses),
        *([(tls, "gateway", "QINGYUAN_GATEWAY_TLS")] if tls is not None else []),
    ):
        while True:
            try:
                check_free(address, what=what, setting=setting)
                break
            except Problem:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)


@contextmanager
def open_house(settings: Settings, *, kind: Kind) -> Iterator[House]:
    """Hold the folder, check disk and ports, start the database, migrate; yield the `House`.

    Raises
    ------
    Problem
        Whatever stands in the way, in words: folder in use or of the other kind, disk full, port
        taken, database not starting, migrations of a newer release.
    """
    folder = DataFolder(settings.data)
    with folder.hold():
        folder.create(kind)
        folder.check_space()
        _check_ports(settings)
        with open_database(folder, settings) as database:
            house = House(folder, settings, database)
            house.migrate()
            yield house
