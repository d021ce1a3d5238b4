"""What deeds of the dust procedure do to the register (系统动作)."""

from __future__ import annotations

from collections.abc import Mapping

from qingyuan.core.periods import city_date
from qingyuan.web.cases.effects import Doing
from qingyuan.web.dust.models import SiteRecord
from qingyuan.web.dust.services.sites import revise_site

__all__ = ["settle"]


def settle(doing: Doing, params: Mapping[str, str]) -> None:
    """Bring the register up to date when a case is struck off: the state the re-check found."""
    state = doing.text("site_state")
    record = SiteRecord.objects.filter(
        site_id=str(doing.case.form.get("site") or ""), valid_to=None
    ).first()
    if record is None or not state or record.state == state:
        return
    revise_site(
        record.site,
        {"state": state},
        reason=f"案件 {doing.case.number} 复核销号",
        valid_from=max(city_date(doing.at), record.valid_from),
        seen=record.version,
        by=doing.by,
        at=doing.at,
    )
