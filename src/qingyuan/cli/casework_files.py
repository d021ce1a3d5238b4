"""What the verbs of ``qingyuan casework`` read and print: procedures, JSON Lines, problems."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from qingyuan.core.problems import Problem, Problems

if TYPE_CHECKING:
    from qingyuan.casework import History, Move, Procedure

__all__ = [
    "gathered",
    "history_of",
    "instant",
    "lines_of",
    "move_of",
    "procedure_of",
    "report",
    "text_of",
]

T = TypeVar("T")


def text_of(path: str) -> str:
    """Return the text of a file, of standard input for ``-``."""
    return sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")


def procedure_of(path: str) -> Procedure:
    """Return the shipped procedure of that name, or the one in a file."""
    from qingyuan.casework import load, shipped

    if path in shipped():
        return shipped()[path]
    return load(text_of(path), source="stdin" if path == "-" else Path(path).name)


def report(problems: list[Problem], *, as_json: bool) -> None:
    """Print problems, one a line in JSON."""
    for problem in problems:
        if as_json:
            print(json.dumps(problem.as_dict(), ensure_ascii=False))
        else:
            print(f"{problem.zh}\n  {problem.en}")


def gathered(error: Problem | Problems) -> list[Problem]:
    """Return the problems an error holds."""
    return error.problems if isinstance(error, Problems) else [error]


def instant(text: str) -> datetime:
    """Read a date (midnight, city time) or an instant; without a zone it is city time."""
    from qingyuan.core.periods import CITY_TZ

    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), time(), CITY_TZ)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=CITY_TZ)


def move_of(row: Any) -> Move:
    """Read one deed of a JSON line; a value named ``…_on`` is a date."""
    from qingyuan.casework import Actor, Move

    given = {
        k: date.fromisoformat(v) if k.endswith("_on") and isinstance(v, str) else v
        for k, v in row.get("given", {}).items()
    }
    return Move(
        deed=row["deed"],
        actor=Actor(
            id=row["by"],
            roles=frozenset(row["roles"]),
            units=frozenset(row.get("units", ())),
            enterprise=row.get("enterprise"),
        ),
        at=instant(row["at"]),
        given=given,
        evidence=frozenset(row.get("evidence", ())),
        marks=frozenset(row["marks"]) if "marks" in row else None,
    )


def lines_of(path: str, read: Callable[[Any], T]) -> list[T]:
    """Read JSON Lines, naming the line that cannot be read."""
    found = []
    for number, line in enumerate(text_of(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(read(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Problem("casework.bad_move", line=number, detail=repr(error)) from error
    return found


def history_of(row: Any) -> History:
    """Read one closed case of a JSON line."""
    from qingyuan.casework import History

    moves = tuple(map(move_of, row["moves"]))
    return History(str(row["number"]), moves, row.get("enterprise"))
