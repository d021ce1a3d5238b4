"""The deed being done, as effects see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from qingyuan import casework
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case, Deed

__all__ = ["Doing"]


@dataclass(frozen=True, slots=True)
class Doing:
    """One deed in progress: the locked case, the decision, who, when, and what was filled in."""

    case: Case
    step: casework.Step
    record: Deed
    by: User
    at: datetime
    data: Mapping[str, object]

    def text(self, name: str) -> str:
        """Return what was written in a field, or nothing."""
        value = self.data.get(name)
        return value.strip() if isinstance(value, str) else ""

    @property
    def why(self) -> str:
        """The reason or opinion given, whichever the form asked for."""
        return next(filter(None, map(self.text, ("reason", "opinion", "note"))), "")[:400]
