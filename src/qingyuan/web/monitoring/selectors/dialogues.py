"""The talk with a device (对话) as the store keeps it: what was sent, what came back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan.core.periods import city_date
from qingyuan.store.dialogues import DIALOGUES, Dialogues

__all__ = ["dialogues_in", "dialogues_of"]

_EVENTS = {
    "sent": _("已下发"),
    "acknowledged": _("设备已应答"),
    "answered": _("收到数据"),
    "done": _("执行成功"),
    "refused": _("设备拒绝"),
    "overtime": _("超时无应答"),
    "cancelled": _("已撤销"),
}
_PURPOSES = {
    "command": _("命令"),
    "calibrate": _("自动校时"),
    "backfill": pgettext_lazy("dialogue", "补调缺数"),
}


def dialogues_in(store: Path) -> Dialogues | None:
    """Return the table, or None before a gateway has made it; who only reads makes nothing."""
    return Dialogues(store) if (store / "dialogues" / "_delta_log").is_dir() else None


def dialogues_of(
    store: Path, mn: str, *, at: datetime, days: int = 7, limit: int = 40
) -> list[dict[str, object]]:
    """Return the newest frames of the dialogues with one device, newest first."""
    kept = dialogues_in(store)
    if kept is None:
        return []
    names = [name for name in DIALOGUES.names if name != "day"]
    first = city_date(at - timedelta(days=days))
    rows = kept.table.read(first=first, last=city_date(at), columns=names)
    mine = rows.filter(pc.equal(rows.column("mn"), mn))
    order = [("received_at", "descending"), ("segment", "descending"), ("offset", "descending")]
    newest = mine.take(pc.sort_indices(mine, order)[:limit]).to_pylist()
    return [
        row
        | {
            "event_says": _EVENTS.get(row["event"], row["event"]),
            "purpose_says": _PURPOSES.get(row["purpose"], row["purpose"]),
        }
        for row in newest
    ]
