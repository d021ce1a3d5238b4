"""CPU seconds that a city's processes have spent (Linux), so that a busy machine measures the same."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def spent(root: int) -> dict[str, float]:
    """Return the seconds of *root*'s descendants, ended children too: ``web`` and ``database``.

    Nothing where the system has no ``/proc``.
    """
    told = {"web": 0.0, "database": 0.0}
    known = {pid: stat for pid in _all() if (stat := _stat(pid))}
    for pid, (_, name, seconds) in known.items():
        if pid != root and _is_below(pid, root, known):
            told["database" if name.startswith("postgres") else "web"] += seconds
    return told


def _all() -> list[int]:
    proc = Path("/proc")
    return [int(p.name) for p in proc.iterdir() if p.name.isdecimal()] if proc.is_dir() else []


def _stat(pid: int) -> tuple[int, str, float] | None:
    """Return parent, name and seconds of a process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:  # it has just ended
        return None
    name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
    return int(rest[1]), name, sum(map(int, rest[11:15])) / _TICK


def _is_below(pid: int, root: int, known: dict[int, tuple[int, str, float]]) -> bool:
    while pid in known:
        if pid == root:
            return True
        pid = known[pid][0]
    return False
