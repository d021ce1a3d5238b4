"""Objects of procedures: a version, a draft."""

from __future__ import annotations

from typing import Any

from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import ProcedureVersion
from qingyuan.web.procedures.models import Draft
from qingyuan.web.procedures.services import begin_draft

ROUTES_WITHOUT_OBJECTS = {"procedures", "procedure-new"}


def build(world: Any) -> None:
    """Begin a draft of the shipped procedure."""
    begin_draft(name="exceedance", by=world.user("head"), at=world.town.at)


def examples(world: Any, side: Any, user: User) -> dict[str, list[tuple[object, ...]]]:
    """Name them."""
    version = ProcedureVersion.objects.filter(name="exceedance").first()
    assert version is not None
    if not Draft.objects.filter(name="exceedance").exists():  # dropped or published by who may
        begin_draft(name="exceedance", by=world.user("head"), at=world.town.at)
    named = [("exceedance", version.pk)]
    return {
        "procedure-version": named,
        "procedure-move": named,
        **{
            f"procedure-{deed}": [("exceedance",)] for deed in ("begin", "draft", "drop", "publish")
        },
    }
