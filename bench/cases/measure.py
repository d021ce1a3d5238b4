"""A hundred thousand cases with a million deeds: how long ledger, workbench and statistics take.

    python bench/cases/measure.py [--cases 100000] [--folder DIR] [--seconds 30] [--plans]

Without ``--folder`` the city is made in a temporary folder and removed; with it, it is made once and
kept for the next run. Pages are asked for over HTTP from the platform's own server processes; then
people click mixed pages at fifty a second. ``--plans`` explains the slowest statements.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "demo"))

from living import Person, environment_of, figures  # noqa: E402 -- beside this folder
from spent import spent as spent_by  # noqa: E402

from qingyuan.host.house import open_house  # noqa: E402
from qingyuan.host.programs import platform_programs  # noqa: E402
from qingyuan.host.settings import Settings  # noqa: E402

GOALS_MS = {"ledger": 500.0, "workbench": 300.0, "statistics": 1000.0, "mixed": 500.0}
RATE = 50.0
COSTED = 80  # pages of a kind whose CPU time is taken together
LEDGER = (
    "", "ledger=assign", "ledger=conclude", "ledger=assigned", "ledger=all", "ledger=all&page=900",
    "ledger=all&procedure=exceedance", "ledger=all&district=980182", "ledger=handle&state=signed",
    "ledger=all&due=late", "ledger=all&due=soon", "ledger=all&due=paused", "ledger=all&unit=980182",
    "ledger=all&part_unit=980182", "ledger=all&type=noise", "ledger=all&truth=partly", "ledger=all&progress=staged",
    "ledger=all&origin=petition", "ledger=all&immediate=1", "ledger=all&card=red", "ledger=all&rounds=again",
    "ledger=all&level=3", "ledger=all&matter=air", "ledger=all&phase=feedback", "ledger=all&text=BM2026",
    "ledger=all&text=总磷", "ledger=all&text=beize", "ledger=all&text=没有这样的字",
    "ledger=all&opened_from=2026-03-01&opened_to=2026-03-31", "ledger=all&closed_from=2026-05-01&closed_to=2026-05-31",
    "ledger=all&due_from=2026-08-01&due_to=2026-12-31", "ledger=all&sort=due", "ledger=all&sort=-unit", "ledger=all&sort=state",
    "ledger=all&sort=number&size=100", "ledger=all&mine=1",
    "ledger=all&type=air&truth=proven&district=980181&sort=-closed",
)  # fmt: skip
STATISTICS = ("", "by=unit", "by=type", "by=procedure", "by=month")


def main() -> int:
    """Measure and print."""
    call = argparse.ArgumentParser()
    call.add_argument("--cases", type=int, default=100_000)
    call.add_argument("--folder", type=Path)
    call.add_argument("--seconds", type=float, default=30.0)
    call.add_argument("--rate", type=float, default=RATE, help="pages a second of the mixed part")
    call.add_argument("--only", default="cost,ledger,workbench,statistics,mixed")
    call.add_argument("--plans", action="store_true")
    args = call.parse_args()
    with tempfile.TemporaryDirectory(prefix="qy-cases-") as temporary:
        folder = args.folder or Path(temporary) / "data"
        print(json.dumps(_measure(folder, args), ensure_ascii=False, indent=1))
    return 0


def _measure(folder: Path, args: argparse.Namespace) -> dict[str, object]:
    filled = (folder / "filled.json").exists()
    environment = environment_of(folder)
    told: dict[str, object] = {}
    with open_house(Settings.from_environment(environment), kind="demo") as house:
        ours = {**environment, **house.environment}
        if not filled:
            began = time.monotonic()
            done = subprocess.run(
                [sys.executable, str(HERE / "fill.py"), str(args.cases)],
                env=ours, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(done.stderr[-3000:])
            (folder / "filled.json").write_text(json.dumps({"rows": done.stdout.split()}))
            told["fill_s"] = round(time.monotonic() - began, 1)
        told["rows"] = json.loads((folder / "filled.json").read_text())["rows"]
        with _serving(house, ours):
            told |= _pages(ours["QINGYUAN_WEB"], args)
        if args.plans:
            told["plans"] = _plans(ours)
    return told


@contextmanager
def _serving(house, environment: dict[str, str]) -> Iterator[None]:
    """Run the platform's web processes while the block runs."""
    settings = Settings.from_environment(environment)
    programs = platform_programs(house.folder, settings, house.database.urls)
    web = next(p for p in programs if p.name == "web")
    with subprocess.Popen(
        web.command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL
    ) as server:
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until:
                try:
                    if Person(environment["QINGYUAN_WEB"], "nobody").get("/health").status == 200:
                        break
                except OSError:
                    time.sleep(0.2)
            yield
        finally:
            server.terminate()
            server.wait(20)


def _pages(address: str, args: argparse.Namespace) -> dict[str, object]:
    wanted = args.only.split(",")
    people = {n: Person(address, n).sign_in() for n in _people()}
    bureau, branch = next(iter(people.values())), list(people.values())[-1]
    for person in people.values():
        for path in ("/", "/cases/", "/statistics/"):
            person.get(path)
    told: dict[str, object] = {"load_at_start": round(os.getloadavg()[0], 1)}
    if "cost" in wanted:
        told["cost_ms"] = _costs(list(people.values()))
    kinds = {
        "ledger": [f"/cases/?{quote(q, safe='=&')}" for q in LEDGER],
        "workbench": ["/"],
        "statistics": [f"/statistics/?{q}" for q in STATISTICS] + ["/statistics/leader/"],
    }
    for kind, paths in kinds.items():
        if kind not in wanted:
            continue
        spent = {}
        for person, who in ((bureau, "bureau"), (branch, "branch")):
            for path in paths:
                if who == "branch" and path == "/statistics/leader/":
                    continue  # not theirs
                times = []
                for _ in range(3):
                    answer = person.get(path)
                    times.append(answer.seconds * 1000)
                    if answer.status != 200:
                        times = [float("nan")]
                        break
                spent[f"{who} {path}"] = round(sorted(times)[len(times) // 2], 1)
        worst = sorted(spent.items(), key=lambda x: -x[1] if x[1] == x[1] else -1e9)
        goal = GOALS_MS[kind]
        told[kind] = {
            "goal_ms": goal,
            "pages": len(spent),
            "over_goal": sum(not ms <= goal for _, ms in worst),
            "median_ms": worst[len(worst) // 2][1],
            "slowest": dict(worst[:8]),
        }
    if "mixed" in wanted:
        told["mixed"] = _mixed(list(people.values()), seconds=args.seconds, rate=args.rate)
    return told


def _costs(people: list[Person]) -> dict[str, dict[str, float]]:
    """Return the CPU milliseconds a page of each kind takes of the web's and the database's processes."""
    numbers, bureau = sorted(_case_numbers(people[0])), people[: len(people) // 2]
    asked = {
        "health": ["/health"],
        "ledger": [f"/cases/?{quote(q, safe='=&')}" for q in LEDGER],
        "case": [f"/cases/{n}/" for n in numbers],
        "home": ["/"],
        "statistics": ["/statistics/"],
        "search": [f"/search/?q={quote(q)}" for q in ("总磷", "BM2026", "beize")],
    }
    told = {}
    for kind, paths in asked.items():
        before = spent_by(os.getpid())
        for n in range(COSTED):
            asking = bureau if kind == "case" else people  # a branch may not see every case
            asking[n % len(asking)].get(paths[n % len(paths)])
        after = spent_by(os.getpid())
        told[kind] = {who: round((after[who] - before[who]) / COSTED * 1000, 1) for who in before}
    return told


def _people() -> list[str]:
    from living import staff

    return [*staff("department_head", "leader", "vice_leader", "duty_officer")[:8], *staff("district_officer")[:8]]  # fmt: skip


def _mixed(people: list[Person], *, seconds: float, rate: float) -> dict[str, object]:
    """Ask for so many mixed pages a second, whoever is free next; lateness counts as waiting."""
    numbers = sorted(_case_numbers(people[0]))
    chance, gate = random.Random(2), threading.Lock()
    began, before, own = time.monotonic(), spent_by(os.getpid()), time.process_time()
    due = iter(range(int(seconds * rate)))
    spent: list[float] = []
    failures: list[str] = []

    def work(person: Person) -> None:
        while True:
            with gate:
                n = next(due, None)
                kind = chance.choices(("ledger", "case", "home", "poll", "statistics"), (30, 25, 15, 28, 2))[0]  # fmt: skip
                path = {
                    "ledger": f"/cases/?{quote(chance.choice(LEDGER), safe='=&')}", "case": f"/cases/{chance.choice(numbers)}/", "home": "/",
                    "poll": "/health", "statistics": "/statistics/",
                }[kind]  # fmt: skip
            if n is None:
                return
            at = began + n / rate
            time.sleep(max(0.0, at - time.monotonic()))
            answer = person.get(path)
            spent.append(time.monotonic() - at)
            if answer.status not in (200, 404):
                failures.append(f"{path} {answer.status}")

    threads = [threading.Thread(target=work, args=(p,)) for p in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, after = time.monotonic() - began, spent_by(os.getpid())
    told: dict[str, object] = dict(figures(spent))
    cores = {who: round((after[who] - before[who]) / took, 2) for who in before}
    return told | {
        "cores_used": cores | {"asking": round((time.process_time() - own) / took, 2)},
        "load": round(os.getloadavg()[0], 1),
        "goal_p95_ms": GOALS_MS["mixed"], "asked_per_s": rate,
        "answered_per_s": round(len(spent) / took, 1), "failures": failures[:5],
    }  # fmt: skip


def _case_numbers(person: Person) -> set[str]:
    import re

    return set(re.findall(r"/cases/(BM\d+)/", person.get("/cases/?ledger=all&size=100").text))


def _plans(environment: dict[str, str]) -> object:
    done = subprocess.run(
        [sys.executable, str(HERE / "plans.py")],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.splitlines() if not done.returncode else done.stderr[-1500:]


if __name__ == "__main__":
    sys.exit(main())
