"""Problems (问题): expected faults in what came in, said in two languages.

A `Problem` is *their* data or *their* deed breaking a rule: expected, counted, shown to a person.
A bug of ours is any other exception. Each code has two sentences in the ``messages.toml`` of the
room its prefix names (``river.cycle`` → ``qingyuan/river/messages.toml``; for web apps the room is
the app, ``cases.no_evidence`` → ``qingyuan/web/cases/messages.toml``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

__all__ = ["Problem", "Problems", "messages_of"]

_HOME = Path(__file__).resolve().parents[1]


@cache
def messages_of(room: str) -> Mapping[str, Mapping[str, str]]:
    """Return the message table of *room*: code → {"zh": …, "en": …}; empty if it has none."""
    for folder in (_HOME / room, _HOME / "web" / room):
        path = folder / "messages.toml"
        if path.is_file():
            table: Mapping[str, Mapping[str, str]] = tomllib.loads(path.read_text("utf-8"))
            return table
    return {}


class Problem(Exception):
    """One fault with a stable code and named values (问题).

    Parameters
    ----------
    code : str
        ``room.name``; must have a row in the room's ``messages.toml``.
    **values
        The named values of the two sentences.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code, values)

    def _say(self, language: str) -> str:
        row = messages_of(self.code.partition(".")[0]).get(self.code)
        if row is None:
            return f"{self.code} {self.values}"
        return row[language] % self.values

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return self._say("zh")

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self._say("en")

    def as_dict(self) -> dict[str, object]:
        """Return code, both sentences and the values as text, ready for JSON."""
        return {
            "code": self.code,
            "zh": self.zh,
            "en": self.en,
            "values": {
                k: v if isinstance(v, int | float | bool | None) else str(v)
                for k, v in self.values.items()
            },
        }

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class Problems(Exception):
    """All faults of one batch, gathered and reported once (一批问题).

    Parameters
    ----------
    problems : iterable of Problem
        At least one; a batch without problems raises nothing.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)

    @classmethod
    def raise_any(cls, problems: Iterable[Problem]) -> None:
        """Raise if there is at least one problem, else return."""
        found = list(problems)
        if found:
            raise cls(found)

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)
