"""The sink (入库口): the tables of the store, as the committer sees them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from qingyuan.core.problems import Problem
from qingyuan.gateway.rows import Row

__all__ = ["Committed", "Sink", "StoreSink"]


class Committed(NamedTuple):
    """The last version of one application in each table; 0 for none."""

    observations: int
    quarantine: int
    dialogues: int


class Sink(Protocol):
    """Where rows go: three tables that remember the version of their last commit."""

    def committed(self, app: str) -> Committed:
        """Return the last versions of *app*."""
        ...

    def fits(self, rows: pa.Table) -> bool:
        """Whether the observations can take *rows* at all; asked after a commit failed."""
        ...

    def observe(self, rows: pa.Table, app: str, version: int) -> None:
        """Commit observations as transaction *version* of *app*."""
        ...

    def quarantine(self, rows: list[Row], app: str, version: int) -> None:
        """Commit quarantine rows."""
        ...

    def converse(self, rows: list[Row], app: str, version: int) -> None:
        """Commit steps of dialogues."""
        ...


class StoreSink:
    """The store's own tables in *folder*, opened when first used."""

    def __init__(self, folder: Path) -> None:
        from qingyuan.store.dialogues import Dialogues
        from qingyuan.store.observations import Observations
        from qingyuan.store.quarantine import Quarantine

        self._observations = Observations(folder)
        self._quarantine = Quarantine(folder)
        self._dialogues = Dialogues(folder)

    def committed(self, app: str) -> Committed:
        """Return the last version of each table; 0 for none."""
        return Committed(
            self._observations.app_version(app) or 0,
            self._quarantine.app_version(app) or 0,
            self._dialogues.app_version(app) or 0,
        )

    def fits(self, rows: pa.Table) -> bool:
        """Whether *rows* can be written in the columns of the table."""
        from qingyuan.store.columns import as_table

        try:
            as_table(rows)
        except (Problem, ValueError, TypeError, ArithmeticError):
            return False
        return True

    def observe(self, rows: pa.Table, app: str, version: int) -> None:
        """Commit observations as transaction *version* of *app*."""
        self._observations.append(rows, app=(app, version))

    def quarantine(self, rows: list[Row], app: str, version: int) -> None:
        """Commit quarantine rows."""
        self._quarantine.append(rows, app=(app, version))

    def converse(self, rows: list[Row], app: str, version: int) -> None:
        """Commit steps of dialogues."""
        self._dialogues.append(rows, app=(app, version))
