"""Key points of the towns as a table to take away (突出点导出): what the page shows, nothing more."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qingyuan.core.periods import city_date
from qingyuan.web import exchange
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.roles import STAFF
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases.selectors.hazards import hazards, wanted_of

__all__ = ["EXPORTER", "make_table"]


def _columns() -> tuple[exchange.Column, ...]:
    return (
        exchange.Column(name="number", zh=_("编号"), kind="code", width=20),
        exchange.Column(name="town", zh=_("镇街"), width=14),
        exchange.Column(name="place", zh=_("点位"), width=28),
        exchange.Column(name="risk", zh=_("风险等级"), width=10),
        exchange.Column(name="standard", zh=_("管控标准"), width=40),
        exchange.Column(name="unit", zh=_("责任单位"), width=18),
        exchange.Column(name="person", zh=_("责任人"), width=12),
        exchange.Column(name="state", zh=_("环节"), width=12),
        exchange.Column(name="due", zh=_("到期日"), kind="day", width=12),
        exchange.Column(name="lon", zh=_("经度"), kind="number", width=12),
        exchange.Column(name="lat", zh=_("纬度"), kind="number", width=12),
    )


def make_table(query: str, /, *, by: User, at: datetime) -> exchange.Table:
    """Gather what an address asks for, as the person would see it."""
    scope = scope_of(by, on=city_date(at))
    found, _every = hazards(scope, wanted_of(QueryDict(query)), at=at)
    rows = [
        {
            "number": h.case.number, "town": h.town, "place": h.place, "risk": h.risk_label,
            "standard": h.standard, "unit": h.case.unit.name_zh if h.case.unit else "",
            "person": h.case.person.name if h.case.person else "", "state": h.case.state_label,
            "due": h.row.last_day, "lon": h.spot[0] if h.spot else None, "lat": h.spot[1] if h.spot else None,
        }
        for h in found
    ]  # fmt: skip
    sheet = exchange.Sheet(
        name="cases.hazards", title=_("镇街突出点"), columns=_columns(), key=("number",)
    )
    return exchange.Table(sheet=sheet, rows=rows, count=len(rows), filters={})


EXPORTER = exchange.Exporter(
    name="cases.hazards",
    title=gettext_noop("镇街突出点"),
    title_en="Key points of the towns",
    make=make_table,
    roles=STAFF,
)
