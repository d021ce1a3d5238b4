"""Policies (表策略): how each table is partitioned, compacted, kept and cleaned, as dated data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

__all__ = ["Policy", "policies", "policy_of"]

_ANY = "*"


@dataclass(frozen=True, slots=True)
class Policy:
    """How one table is kept from a date on (表策略)."""

    table: str
    in_force_from: date
    partition: str
    small_files: int
    target_mb: int
    checkpoint_commits: int
    log_hours: int
    removed_hours: int
    keep_days: int
    basis: str
    zh: str
    en: str

    def settings(self) -> dict[str, str]:
        """Return the table's own settings for a new Delta table."""
        return {
            "delta.checkpointInterval": str(self.checkpoint_commits),
            "delta.enableExpiredLogCleanup": "false",  # `tidy` does it; an append never pays for it
            # an append lists the log: at a commit every 2 s a day of it costs 0.2 s each time
            "delta.logRetentionDuration": f"interval {self.log_hours} hours",
            "delta.deletedFileRetentionDuration": f"interval {self.removed_hours} hours",
        }

    def oldest_day(self, today: date) -> date | None:
        """Return the first day that is still kept on *today*; None when nothing is ever removed."""
        return today - timedelta(days=self.keep_days) if self.keep_days else None


@cache
def policies() -> tuple[Policy, ...]:
    """Return every row, oldest first."""
    text = files("qingyuan.store").joinpath("policies.toml").read_text("utf-8")
    rows = (Policy(**row) for row in tomllib.loads(text)["policy"])
    return tuple(sorted(rows, key=lambda one: one.in_force_from))


def policy_of(table: str, *, on: date | None = None) -> Policy:
    """Return the policy of *table* in force on a day (the newest without one)."""
    held = [one for one in policies() if on is None or one.in_force_from <= on] or policies()[:1]
    own = [one for one in held if one.table == table]
    return (own or [one for one in held if one.table == _ANY])[-1]
