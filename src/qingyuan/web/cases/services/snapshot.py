"""How a case stood before a deed (办理前), kept so that the deed can be taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import ForeignKey

from qingyuan.web.cases.models import (
    Case,
    CaseClock,
    CasePart,
    CaseType,
    ClockExtension,
    ClockPause,
    ExtensionRequest,
    ProblemItem,
    SignOff,
)

__all__ = ["restore", "snapshot"]

# parents before children: rows are restored in this order and removed in the reverse
_TABLES: tuple[tuple[type[models.Model], str], ...] = (
    (CasePart, "case"),
    (CaseType, "case"),
    (CaseClock, "case"),
    (ClockPause, "clock__case"),
    (ClockExtension, "clock__case"),
    (ExtensionRequest, "case"),
    (ProblemItem, "case"),
    (SignOff, "case"),
)
_CASE = (
    "state", "ledger", "phase", "round", "enterprise_id", "unit_id", "person_id", "assigned_at",
    "pushed_at", "closed_by", "closed_at", "signed_at", "acted_at", "truth", "progress", "immediate",
)  # fmt: skip


def _columns(model: type[models.Model]) -> list[str]:
    return [f.attname if isinstance(f, ForeignKey) else f.name for f in model._meta.concrete_fields]


def snapshot(case: Case) -> dict[str, object]:
    """Return the case's own columns and every row that hangs on it, as plain values."""
    kept: dict[str, object] = {"case": {name: getattr(case, name) for name in _CASE}}
    for model, path in _TABLES:
        rows = model._default_manager.filter(**{path: case}).order_by("pk")
        kept[model.__name__] = list(rows.values(*_columns(model)))
    plain: dict[str, object] = json.loads(DjangoJSONEncoder().encode(kept))
    return plain


def restore(case: Case, kept: Mapping[str, Any]) -> None:
    """Put the case (not saved) and its rows back as they stood; rows made since are removed."""
    for name in _CASE:
        setattr(case, name, _read(Case, name, kept["case"][name]))
    for model, path in reversed(
        _TABLES
    ):  # first what came since, or two rows would claim one place
        stood = [row["id"] for row in kept[model.__name__]]
        model._default_manager.filter(**{path: case}).exclude(pk__in=stood).delete()
    for model, _path in _TABLES:
        for row in kept[model.__name__]:
            values = {name: _read(model, name, value) for name, value in row.items()}
            model._default_manager.filter(pk=values.pop("id")).update(**values)


def _read(model: type[models.Model], name: str, value: object) -> object:
    field = next(f for f in model._meta.concrete_fields if name in (f.name, f.attname))
    return field.to_python(value) if not isinstance(field, ForeignKey) else value
