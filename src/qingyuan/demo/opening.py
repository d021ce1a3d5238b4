"""Open a demo city (演示城市): its folder, its people, 90 days of history; once, then as it was left.

``python -m qingyuan.demo.opening`` does the part that needs Django, in a process of its own, with
the database of its environment.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.demo.incidents import CITIES, Plan
from qingyuan.host.house import House
from qingyuan.synth import Drift, Tampering, drifting_station, falsifiers

__all__ = ["SIZES", "doubts", "is_open", "open_city"]

SIZES = tuple(CITIES)
HISTORY_DAYS = 90
_DRIFTS = timedelta(days=45)  # three times fourteen days and three
# written last: an opening that was cut short starts again; the sign-in page reads the cast from it
_MARK = "demo-opened.json"


def is_open(house: House) -> bool:
    """Whether the city of this folder was opened completely."""
    return (house.folder.path / _MARK).exists()


def open_city(
    house: House,
    *,
    size: str,
    seed: int,
    days: int = HISTORY_DAYS,
    rate: float = 1.0,
    doubtful: bool = False,
) -> None:
    """Load city, history and past cases into a fresh folder; nothing if that was done.

    Parameters
    ----------
    doubtful : bool
        Whether some monitors did not say what they measured, for the data-quality watch to find.

    Raises
    ------
    Problem
        ``demo.opening_failed`` with the end of what the process said.
    """
    if is_open(house):
        return
    done = subprocess.run(
        [sys.executable, "-m", "qingyuan.demo.opening", "--size", size, "--seed", str(seed), "--days", str(days), "--rate", str(rate), *(["--doubtful"] if doubtful else [])],
        env={**os.environ, **house.environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise Problem("demo.opening_failed", tail=(done.stderr or done.stdout).strip()[-2000:])


def main() -> None:
    """Open the city of ``QINGYUAN_DATA``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=sorted(SIZES), required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--doubtful", action="store_true")
    call = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.web.project.settings")
    import django

    django.setup()
    _open(**vars(call))


def _open(*, size: str, seed: int, days: int, rate: float, doubtful: bool) -> None:
    import json

    from django.conf import settings

    from qingyuan import synth
    from qingyuan.demo.fleet import live_through_fleet
    from qingyuan.demo.incidents import cast, plan
    from qingyuan.demo.offices import live_through_offices
    from qingyuan.demo.past import live_through
    from qingyuan.host.citytime import CityClock
    from qingyuan.host.folder import write_atomically
    from qingyuan.store.observations import Observations
    from qingyuan.web.audit.services import SYSTEM
    from qingyuan.web.registry import services as registry

    folder = settings.FOLDER
    found = plan(size=size, seed=seed)
    city, epoch = found.city, found.city.epoch
    if epoch is None:
        raise Problem("demo.no_epoch", city=city.name)
    began = epoch - timedelta(days=days)
    CityClock(folder).start(epoch, rate=rate)
    registry.load_city(city, by=SYSTEM, at=began)
    registry.publish_devices(folder.devices, at=began)
    tampering, drifts = doubts(found, until=epoch) if doubtful else ([], [])
    history = synth.history(
        city, seed=seed, days=days, until=epoch, releases=found.releases, tampering=tampering,
        drifts=drifts,
    )  # fmt: skip
    Observations(folder.store).bulk(history, app=("demo-history", 1))
    live_through(found, until=epoch)
    if size == "demo":
        live_through_offices(city, until=epoch)
        live_through_fleet(city, until=epoch)
    CityClock(folder).start(epoch, rate=rate)  # the opening took time; the city has not aged
    opened = {"size": size, "seed": seed, "days": days, "cast": cast(found)}
    write_atomically(Path(folder.path / _MARK), json.dumps(opened) + "\n")


def doubts(found: Plan, *, until: datetime) -> tuple[list[Tampering], list[Drift]]:
    """Return whose monitors lied and whose analyser drifted before *until* (弄虚作假与漂移).

    Whoever plays a part in an incident is left alone, so that every trace stays what it is. The
    drift was calibrated away three days ago; the live city goes on from a true reading.
    """
    culprits = [story.outfall_id for story in found.stories]
    sections = {f"section:{story.incident.section_id}" for story in found.stories}
    others = [d for d in found.city.devices if d.station not in sections]
    drift = drifting_station(
        replace(found.city, devices=tuple(others)), seed=found.seed, until=until
    )
    began = until - _DRIFTS
    return (
        falsifiers(found.city, seed=found.seed, until=until, spared=culprits),
        [replace(drift, start=began)] if drift else [],
    )


if __name__ == "__main__":
    main()
