"""The health of the fleet (车辆健康): counts by vehicle and day, faults with their evidence, gains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qingyuan.store.quarantine import Quarantine
from qingyuan.web.surveys.models import Mounting, VehicleDay

__all__ = ["FAULTS", "REASONS", "Health", "health", "reasons_in_words", "refusals", "vehicle_days"]

REASONS = {
    "duplicate": gettext_noop("重复"),
    "speed": gettext_noop("超速"),
    "jump": gettext_noop("定位跳变"),
    "range": gettext_noop("超量程"),
    "stuck": gettext_noop("读数不变"),
    "off_road": gettext_noop("不在路上"),
    "feeds.unknown_vehicle": gettext_noop("设备未登记"),
    "feeds.off_duty": gettext_noop("当日未装车"),
    "feeds.fix_place": gettext_noop("经纬度不对"),
    "feeds.fix_value": gettext_noop("数值不对"),
    "feeds.time": gettext_noop("时间不对"),
    "feeds.untimely": gettext_noop("时间过早或过晚"),
}
FAULTS = {
    "stuck": gettext_noop("读数不变"),
    "gain": gettext_noop("增益偏离"),
    "offset": gettext_noop("零点偏移"),
    "drift": gettext_noop("漂移"),
    "clock": gettext_noop("时钟错误"),
    "noise": gettext_noop("噪声过大"),
    "range": gettext_noop("超量程"),
    "position": gettext_noop("定位异常"),
}


@dataclass(frozen=True, slots=True)
class Health:
    """One device on one day, with the vehicle that carried it."""

    row: VehicleDay
    plate: str
    operator: str
    fault: str
    says: str
    reasons: list[tuple[str, int]]

    @property
    def share(self) -> float:
        """Share of its fixes that were rejected, per cent."""
        return 100 * self.row.rejects / self.row.read if self.row.read else 0.0


def reasons_in_words(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return counts by reason with the reasons in the reader's language, most first."""
    told = [(_(REASONS.get(code, code)), n) for code, n in counts.items()]
    return sorted(told, key=lambda r: (-r[1], r[0]))


def vehicle_days(device: str) -> QuerySet[VehicleDay]:
    """Return a device's days, newest first."""
    return VehicleDay.objects.filter(device=device).select_related("run").order_by("-day")


def refusals(
    device: str, *, first: date, last: date
) -> list[tuple[date, int, list[tuple[str, int]]]]:
    """Return what was refused at the door by day of receipt, with the reasons, newest first."""
    held: dict[date, dict[str, int]] = defaultdict(dict)
    for row in Quarantine(settings.FOLDER.store).counts(first=first, last=last):
        if row.mn == device:
            held[row.day][row.reason] = row.count
    return [
        (day, sum(held[day].values()), reasons_in_words(held[day]))
        for day in sorted(held, reverse=True)
    ]


def health(rows: list[VehicleDay], *, english: bool) -> list[Health]:
    """Return days of devices as a reader knows them; faulty ones first."""
    spans = list(Mounting.objects.order_by("valid_from"))

    def carried(device: str, day: date) -> tuple[str, str]:
        for m in spans:
            if (
                m.device == device
                and m.valid_from <= day
                and (m.valid_to is None or day < m.valid_to)
            ):
                return m.plate, m.operator
        return "", ""

    found = [
        Health(
            row, *carried(row.device, row.day), fault=_(FAULTS[row.fault]) if row.fault else "",
            says=str(row.evidence.get("says_en" if english else "says", "")),
            reasons=reasons_in_words(row.rejected),
        )
        for row in rows
    ]  # fmt: skip
    return found
