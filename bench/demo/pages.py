"""Ledger and workbench with twenty people at once and thousands of cases.

Every person has a session and a connection of their own. Measured twice: each reading a page for
about a second before asking for the next (how people work), and each asking again at once (how
much the machine can bear). ``/health``, which does one trivial query, is measured the same way:
what a page costs is told as a ratio to it.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

from living import Person, figures, staff

GOAL_P95_MS = 300.0
PEOPLE = 20
CASES = 5_000
PAGES = {
    "workbench": ("/",),
    "ledger": (
        "/cases/",
        "/cases/?ledger=all",
        "/cases/?ledger=conclude&page=7",
        "/cases/?ledger=all&sort=due",
        "/cases/?ledger=all&overdue=1",
        "/cases/?ledger=assigned&text=JDBENCH0012",
    ),
}


def measure(environment: dict[str, str], *, cases: int = CASES, seconds: float = 30.0):
    """Fill the ledger, let the people work, say how long their pages took."""
    filled = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("fill.py")), str(cases)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if filled.returncode:
        raise RuntimeError(filled.stderr)
    names = staff("duty_officer", "district_officer", "department_head", "vice_leader", "leader")
    people = [Person(environment["QINGYUAN_WEB"], n).sign_in() for n in names[:PEOPLE]]
    for person in people[:8]:  # each server process has met each page once
        for path in ("/", "/cases/"):
            person.get(path)
    told: dict[str, object] = {
        "cases": int(filled.stdout), "people": len(people), "goal_p95_ms": GOAL_P95_MS,
    }  # fmt: skip
    for name, pause in (("reading_a_second", 1.0), ("asking_at_once", 0.0)):
        told[name] = _work(people, pause=pause, seconds=seconds)
    told["alone"] = _work(people[:1], pause=0.0, seconds=6.0)
    reading = told["reading_a_second"]
    told["meets_goal"] = all(
        reading[page]["p95_ms"] <= GOAL_P95_MS for page in PAGES if page in reading
    )
    return told


def _work(people: list[Person], *, pause: float, seconds: float) -> dict[str, object]:
    """Let everybody click for a while; return the figures of each kind of page."""
    spent: dict[str, list[float]] = {"workbench": [], "ledger": [], "trivial": []}
    failures: list[str] = []
    began = time.monotonic()
    threads = [
        threading.Thread(target=_click, args=(p, n, pause, began + seconds, spent, failures))
        for n, p in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = sum(map(len, spent.values()))
    told: dict[str, object] = {name: figures(times) for name, times in spent.items() if times}
    told["pages_per_s"] = round(done / (time.monotonic() - began), 1)
    told["failures"] = failures[:3]
    if spent["trivial"]:
        trivial = told["trivial"]["median_ms"]
        told["times_a_trivial_page"] = {
            page: round(told[page]["median_ms"] / trivial, 1) for page in PAGES if page in told
        }
    return told


def _click(
    person: Person, number: int, pause: float, end: float, spent: dict[str, list[float]],
    failures: list[str],
) -> None:  # fmt: skip
    chance = random.Random(number)
    if pause:
        time.sleep(chance.uniform(0.0, 2.0 * pause))
    while time.monotonic() < end:
        kind = chance.choices(("workbench", "ledger", "trivial"), (4, 5, 1))[0]
        path = chance.choice(PAGES.get(kind, ("/health",)))
        answer = person.get(path)
        if answer.status != 200:
            failures.append(f"{person.username} {path} {answer.status}")
        spent[kind].append(answer.seconds)
        if pause:
            time.sleep(chance.uniform(0.5 * pause, 1.5 * pause))
