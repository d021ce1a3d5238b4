"""The whole loop without a screen (无界面演示): every stage watched from outside, then a report.

It runs the same programs on the same city as ``make demo``, in a folder and on ports of its own,
with the city's clock running fast. Nothing is handed from stage to stage: each is looked for where
a person would look for it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from qingyuan.core.problems import Problem, Problems
from qingyuan.demo.incidents import Story, plan
from qingyuan.demo.opening import open_city
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.host.house import open_house
from qingyuan.host.ports import free_port
from qingyuan.host.programs import world_program
from qingyuan.host.settings import Settings

__all__ = ["STAGES", "run_headless"]

STAGES = ("packets", "gateway", "store", "signals", "trace", "case", "bulletin")
_RATE = {"four-nodes": 30.0, "demo": 20.0}
_HISTORY_DAYS = {"four-nodes": 30, "demo": 90}
_PATIENCE_S = 60.0
_RANK = 3  # the culprit must be among the first so many
T = TypeVar("T")


@dataclass
class _Report:
    seed: int
    began: float
    culprit_rank: int | None = None
    stages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def found(self) -> bool:
        """Whether the culprit stands among the first few."""
        return self.culprit_rank is not None and self.culprit_rank <= _RANK

    def as_json(self) -> dict[str, Any]:
        done = {s["name"] for s in self.stages if s["ok"]}
        ok = done == set(STAGES) and self.found
        return {
            "seed": self.seed,
            "ok": ok,
            "culprit_rank": self.culprit_rank,
            "seconds": round(time.monotonic() - self.began, 1),
            "stages": self.stages,
        }

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, Any]]:
        began, detail = time.monotonic(), dict[str, Any]()
        row = {"name": name, "ok": False, "seconds": 0.0, "detail": detail}
        self.stages.append(row)
        try:
            yield detail
            row["ok"] = True
        except (Problem, Problems) as problem:
            detail["problem"] = str(problem)
            raise
        finally:
            row["seconds"] = round(time.monotonic() - began, 1)


def run_headless(*, size: str, seed: int, report: Path | None) -> int:
    """Run the loop once; print the report and return 0 only if every stage passed."""
    told = _Report(seed, time.monotonic())
    with tempfile.TemporaryDirectory(prefix="qingyuan-demo-") as folder:
        os.environ.update(
            QINGYUAN_DATA=str(Path(folder) / "data"),
            QINGYUAN_WEB=f"127.0.0.1:{free_port()}",
            QINGYUAN_GATEWAY=f"127.0.0.1:{free_port()}",
        )
        try:
            _run(told, size=size, seed=seed)
        except (Problem, Problems) as problem:
            print(problem, file=sys.stderr)  # noqa: T201 -- the demo speaks to who started it
    answer = told.as_json()
    text = json.dumps(answer, ensure_ascii=False, indent=1)
    if report is not None:
        report.write_text(text + "\n", "utf-8")
    print(text)  # noqa: T201 -- the report
    return 0 if answer["ok"] else 1


def _run(told: _Report, *, size: str, seed: int) -> None:
    settings = Settings.from_environment()
    found = plan(size=size, seed=seed)
    main = found.of("main")[0]
    with open_house(settings, kind="demo") as house:
        open_city(house, size=size, seed=seed, days=_HISTORY_DAYS[size], rate=_RATE[size])
        os.environ.update(house.environment)
        world = world_program(
            house.folder, settings.gateway, house.environment, "--seed", str(seed), "--size", size
        )
        with house.supervise([world]) as supervisor:
            supervisor.wait_ready()
            watch = _Watch(house.folder, supervisor.tick)
            _follow(told, watch, main)


class _Watch:
    """Looks again until something is there, keeping the programs supervised meanwhile."""

    def __init__(self, folder: DataFolder, tick: Callable[[], object]) -> None:
        self.folder = folder
        self.clock = CityClock(folder)
        self._tick = tick

    def until(self, what: str, look: Callable[[], T | None]) -> T:
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            self._tick()
            seen = look()
            if seen:
                return seen
            time.sleep(0.3)
        raise Problem(
            "demo.took_too_long", seconds=int(_PATIENCE_S), what=what, logs=self.folder.logs
        )


def _follow(told: _Report, watch: _Watch, main: Story) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.web.project.settings")
    django.setup()
    with told.stage("packets") as detail:
        state = watch.until("acknowledged packets of every device", lambda: _gateway(watch.folder))
        detail |= {"devices": state["devices"], **state["totals"]}
    with told.stage("gateway") as detail:
        state = watch.until("a committed journal", lambda: _committed(watch.folder))
        detail |= {
            "synced": state["synced"],
            "committed": state["committed"],
            "quarantined": state["reasons"],
        }
        _check(not state["reasons"], f"nothing in quarantine, found {state['reasons']}")
    with told.stage("store") as detail:
        detail |= watch.until(
            "every acknowledged packet in the store", lambda: _stored(watch.folder)
        )
    with told.stage("signals") as detail:
        signal = watch.until("an exceedance at the section", lambda: _signal(main))
        detail |= {
            "signal": signal.ref,
            "value": signal.value_text,
            "limit": signal.limit_text,
            "clause": signal.clause,
        }
    with told.stage("trace") as detail:
        answer = watch.until("an answered trace", lambda: _answer(signal))
        named = [c["outfall_id"] for c in answer["candidates"]]
        told.culprit_rank = named.index(main.outfall_id) + 1 if main.outfall_id in named else None
        detail |= {
            "truth": main.outfall_id,
            "rank": told.culprit_rank,
            "set90": answer["set90"],
            "none": answer["none"],
        }
        _check(told.found, f"the culprit among the first {_RANK}, found at {told.culprit_rank}")
    with told.stage("case") as detail:
        detail |= _carry_case(watch, signal, answer)
    with told.stage("bulletin") as detail:
        detail |= _publish_bulletin(watch)


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise Problem("demo.not_so", what=what)


def _gateway(folder: DataFolder) -> dict[str, Any] | None:
    path = folder.store / "connections.json"
    if not path.exists():
        return None
    state: dict[str, Any] = json.loads(path.read_text("utf-8"))
    whole = len(state["last_seen"]) == state["devices"] > 0
    return state if whole and state["totals"]["acknowledged"] else None


def _committed(folder: DataFolder) -> dict[str, Any] | None:
    state = _gateway(folder)
    return state if state and state["committed"]["offset"] else None


def _stored(folder: DataFolder) -> dict[str, Any] | None:
    import pyarrow.compute as pc

    from qingyuan.store.observations import Observations

    acknowledged = (_gateway(folder) or {"totals": {"acknowledged": 0}})["totals"]["acknowledged"]
    store = Observations(folder.store)
    rows = store.table.read(columns=("mn", "qn", "cn", "time", "factor", "suffix"))
    live = rows.filter(pc.not_equal(rows["cn"], "hist"))
    packets = live.group_by(["mn", "qn"]).aggregate([]).num_rows
    once = live.group_by(["mn", "cn", "time", "factor", "suffix"]).aggregate([]).num_rows
    if packets < acknowledged or not packets:
        return None
    _check(once == live.num_rows, f"no row twice, found {live.num_rows - once}")
    return {
        "rows": rows.num_rows,
        "live_rows": live.num_rows,
        "packets": packets,
        "acknowledged": acknowledged,
    }


def _signal(main: Story) -> Any:
    from qingyuan.web.signals.models import Signal

    return Signal.objects.filter(
        kind="exceedance",
        object_kind="section",
        object_code=main.incident.section_id,
        factor=main.incident.factor,
    ).first()


def _answer(signal: Any) -> dict[str, Any] | None:
    from qingyuan.web.tracing.selectors import newest_answer

    trace = newest_answer(signal)
    return trace.answer if trace else None


def _carry_case(watch: _Watch, signal: Any, answer: dict[str, Any]) -> dict[str, Any]:
    """Open a case on the first suspect, as a person would, and see it struck off and audited."""
    from qingyuan.core.periods import city_date
    from qingyuan.demo.script import live_on
    from qingyuan.web.accounts.selectors import holders_of
    from qingyuan.web.audit import services as audit
    from qingyuan.web.cases.models import Case
    from qingyuan.web.signals import services as signals
    from qingyuan.web.tracing import services as tracing

    now = watch.clock.now()
    duty = holders_of("duty_officer", on=city_date(now))[0]
    signals.acknowledge(signal, by=duty, at=now)
    case = tracing.open_case_on(
        signal=signal,
        outfall_code=answer["candidates"][0]["outfall_id"],
        by=duty,
        at=watch.clock.now(),
    )

    def struck_off() -> Case | None:
        watch.clock.advance(timedelta(hours=2))
        carried = live_on(Case.objects.get(pk=case.pk), until=watch.clock.now())
        return carried if carried.closed_at else None

    closed = watch.until("the case struck off", struck_off)
    ended = Case.objects.filter(ledger="conclude", pk=closed.pk).count()
    _check(ended == 1, "the case in the ledger of concluded cases")
    broken = audit.verify()
    _check(broken is None, f"a whole audit chain, broken at {broken}")
    return {
        "number": closed.number,
        "enterprise": closed.enterprise_id,
        "deeds": closed.deeds.count(),
        "evidence": sum(d.evidence.count() for d in closed.deeds.all()),
        "opened_at": closed.opened_at.isoformat(),
        "closed_at": closed.closed_at.isoformat(),
        "audit": "whole",
    }


def _publish_bulletin(watch: _Watch) -> dict[str, Any]:
    """Wait for the day of the close-out to be told, publish it, and hold it against the ledgers."""
    from qingyuan.core.periods import city_date, day_of
    from qingyuan.reporting import Document
    from qingyuan.web.accounts.selectors import holders_of
    from qingyuan.web.bulletins import services as bulletins
    from qingyuan.web.bulletins.models import Bulletin
    from qingyuan.web.cases.models import Case

    day = city_date(watch.clock.now())
    _advance_to(watch, day_of(day).end + timedelta(hours=8, minutes=5))
    made = watch.until("yesterday's reminder", lambda: Bulletin.objects.filter(day=day).first())
    totals = Document.from_dict(made.content).totals
    leader = holders_of("leader", on=day)[0]
    published = bulletins.publish(bulletin=made, by=leader, at=watch.clock.now())
    span = day_of(day)
    concluded = Case.objects.filter(closed_at__gte=span.start, closed_at__lt=span.end).count()
    _check(
        totals["cases_concluded"] == concluded >= 1,
        f"{concluded} concluded in the bulletin, found {totals['cases_concluded']}",
    )
    in_hand = Case.objects.filter(closed_at=None).count()
    _check(
        totals["cases_in_hand"] == in_hand,
        f"{in_hand} in hand in the bulletin, found {totals['cases_in_hand']}",
    )
    classed = sum(n for name, n in totals.items() if name.startswith("class_"))
    _check(classed + totals["sections_no_data"] == totals["sections"], "every section in one class")
    pdf = bulletins.pdf_bytes(published)
    _check(pdf.startswith(b"%PDF"), "a PDF")
    return {
        "number": published.number,
        "totals": dict(totals),
        "pdf_kb": len(pdf) // 1024,
        "sm3": published.pdf_sm3,
    }


def _advance_to(watch: _Watch, at: datetime) -> None:
    now = watch.clock.now()
    if at > now:
        watch.clock.advance(at - now)
