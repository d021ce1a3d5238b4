"""The small town with its streets and a fleet of known truth, for tests of the surveys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings

from case_town import Town, build_town
from qingyuan.core.periods import day_of
from qingyuan.store.fixes import FIXES, Fixes
from qingyuan.synth.fleet import DustSource, Streets, drive_fleet, streets_of
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.surveys import services
from qingyuan.web.surveys.models import Mounting, SurveyRun

__all__ = ["DEVICES", "FIRST", "SurveyTown", "build_survey_town"]

DEVICES = tuple(f"T{n:02d}" for n in range(1, 6))
FIRST = date(2026, 9, 8)


@dataclass
class SurveyTown:
    town: Town
    streets: Streets
    sources: list[DustSource] = field(default_factory=list)
    hours: tuple[int, int] = (8, 13)

    def drives(self, *days: date, devices: Sequence[str] = DEVICES, step_s: int = 4) -> None:
        for day in days:
            table = drive_fleet(
                self.streets, day=day, devices=devices, seed=7, sources=self.sources,
                hours=self.hours, step_s=step_s,
            )  # fmt: skip
            rows = [
                {**row, "received_at": day_of(day).end, "source": "test"}
                for row in table.to_pylist()
            ]
            assert set(rows[0]) | {"day"} == set(FIXES.names)
            Fixes(settings.FOLDER.store).append(rows)

    def night(self, day: date) -> SurveyRun:
        return services.analyse(day=day, at=self.after(day))

    def after(self, day: date) -> datetime:
        return day_of(day).end + timedelta(hours=3)


def build_survey_town(*, roads: bool = True) -> SurveyTown:
    """Five taxis on forty-nine crossings in the east; each carried by a vehicle for a year."""
    town = build_town()
    streets = streets_of(120.5, 36.5, seed=3, size=7)
    if roads:
        content = json.dumps(streets.geojson()).encode()
        services.bring_roads(content=content, name="roads.geojson", by=SYSTEM, at=town.at)
    for n, device in enumerate(DEVICES):
        Mounting.objects.create(device=device, plate=f"鲁U{10001 + n}", operator="清河出租", valid_from=date(2026, 1, 1))  # fmt: skip
    return SurveyTown(town, streets)
