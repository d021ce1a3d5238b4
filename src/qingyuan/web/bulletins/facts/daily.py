"""The facts of a daily reminder (日提醒的事实)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from qingyuan.core.periods import day_of
from qingyuan.host.folder import DataFolder
from qingyuan.reporting import DailyFacts
from qingyuan.standards import aqi
from qingyuan.store.observations import Observations
from qingyuan.web.audit.services import ANCHOR_FILE, read_anchors
from qingyuan.web.bulletins.facts import air, water, work
from qingyuan.web.registry.models import AirStation
from qingyuan.web.registry.selectors import city as loaded_city

__all__ = ["Head", "Seen", "anchor_text", "daily_facts", "head", "seen"]


@dataclass(frozen=True, slots=True)
class Head:
    """The city and who issues its bulletins, in both languages."""

    city: str
    issuer: str
    city_en: str
    issuer_en: str

    @property
    def given(self) -> dict[str, str]:
        """As arguments of facts."""
        return {
            "city": self.city, "issuer": self.issuer,
            "city_en": self.city_en, "issuer_en": self.issuer_en,
        }  # fmt: skip


def head() -> Head:
    """Return whose bulletins these are."""
    city = loaded_city()
    zh, en = (city.name_zh, city.name_en) if city else ("", "")
    return Head(zh, f"{zh}生态环境局", en, f"{en} Ecology and Environment Bureau" if en else "")


def anchor_text(folder: DataFolder) -> str:
    """Return the newest anchor of the audit chain as it is printed; nothing before the first."""
    anchors: Mapping[int, str] = read_anchors(folder.path / ANCHOR_FILE)
    if not anchors:
        return ""
    seq = max(anchors)
    return f"第 {seq} 条 {anchors[seq]}"


class Seen(NamedTuple):
    """Which state of the data a bulletin saw (所见): version, and up to when receipts were known."""

    version: int
    known_at: datetime


def seen(folder: DataFolder, *, at: datetime) -> tuple[Observations, Seen]:
    """Return the readings as they are known at an instant, and which state that is."""
    store = Observations(folder.store)
    version, known = store.version(), store.known_until(at)
    return store.as_known(known), Seen(version, known)


def daily_facts(*, day: date, at: datetime, folder: DataFolder) -> tuple[DailyFacts, Seen]:
    """Return the facts of a day as they are known, and the state of the data they rest on."""
    store, state = seen(folder, at=at)
    period = day_of(day)
    sections, rule_sets = water.section_days(store, day)
    hours = air.hours_between(store, day, day)
    whole, _ = air.areas()
    names = AirStation.objects.order_by("code").values_list("code", "name_zh", "name_en")
    facts = DailyFacts(
        **head().given,
        day=day,
        data_until=min(at, period.end),
        sections=sections,
        stations=air.air_days(hours, day, list(names)),
        city_air=air.city_day(hours, day, whole),
        alarms=work.alarm_lines(period),
        cases=work.work_cases(period, at=at),
        rule_sets=[*rule_sets, *([aqi.rule_set_at(day).id] if names else [])],
        audit_anchor=anchor_text(folder),
    )
    return facts, state
