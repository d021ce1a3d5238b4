"""Channels and parameters in force on a day (渠道、参数)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import get_language

from qingyuan.core.problems import Problem
from qingyuan.web.petitions.models import Avoidance, Channel, ParameterChange
from qingyuan.web.petitions.tables import (
    ParameterRow,
    channel_rows,
    former_names,
    parameter_rows,
)

__all__ = [
    "ChannelView",
    "ParameterView",
    "avoids",
    "channel_label",
    "channels",
    "known_channel",
    "parameter",
    "parameters",
]


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel as it stands on a day."""

    code: str
    zh: str
    en: str
    procedure: str
    kind: str
    former: tuple[str, ...]
    source: str
    mark: str
    added: bool

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return self.en if self.en and (get_language() or "").startswith("en") else self.zh


def channels(*, on: date) -> dict[str, ChannelView]:
    """Return every channel in force on a day by code: shipped ones, and what the bureau put since."""
    other: dict[str, list[str]] = {}
    for name, code in former_names().items():
        other.setdefault(code, []).append(name)
    found = {
        row.code: ChannelView(
            row.code, row.zh, row.en, row.procedure, row.kind, tuple(other.get(row.code, ())),
            row.source, row.mark, added=False,
        )
        for row in channel_rows().values()
        if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)
    }  # fmt: skip
    held = Channel.objects.filter(valid_from__lte=on).order_by("valid_from", "pk")
    for row in held:
        if row.valid_to is not None and row.valid_to < on:
            found.pop(row.code, None)
            continue
        before = found.get(row.code)
        names = (*(before.former if before else ()), *filter(None, row.former.split("、")))
        if before and before.zh != row.zh:
            names = (*names, before.zh)
        found[row.code] = ChannelView(
            row.code, row.zh, row.en, row.procedure, before.kind if before else "desk",
            tuple(dict.fromkeys(names)), row.put_by, "", added=True,
        )  # fmt: skip
    return found


def channel_label(code: str, *, on: date) -> str:
    """Return the name of a channel in the reader's language; one that ended keeps its name."""
    found = channels(on=on).get(code)
    if found:
        return found.label
    row = channel_rows().get(code)
    return row.zh if row else code


def known_channel(text: str, *, on: date) -> ChannelView:
    """Return the channel a code, a present or a former name stands for.

    Raises
    ------
    Problem
        ``petitions.unknown_channel``.
    """
    wanted = text.strip()
    held = channels(on=on)
    for row in held.values():
        if wanted in (row.code, row.zh, row.en, *row.former):
            return row
    raise Problem(
        "petitions.unknown_channel", given=wanted, known="、".join(r.zh for r in held.values())
    )


@dataclass(frozen=True, slots=True)
class ParameterView:
    """One parameter in force on a day, and the document it rests on."""

    row: ParameterRow
    value: Decimal
    since: date
    document: str

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return self.row.en if (get_language() or "").startswith("en") else self.row.zh


def parameters(*, on: date) -> list[ParameterView]:
    """Return every parameter in force on a day."""
    changed: dict[str, ParameterChange] = {}
    for row in ParameterChange.objects.filter(valid_from__lte=on).order_by("valid_from", "pk"):
        changed[row.name] = row
    found = []
    for name, shipped in parameter_rows().items():
        row = changed.get(name)
        found.append(
            ParameterView(shipped, row.value, row.valid_from, row.document)
            if row
            else ParameterView(shipped, shipped.value, shipped.valid_from, shipped.source)
        )
    return found


def parameter(name: str, *, on: date) -> Decimal:
    """Return the value of one parameter in force on a day."""
    row = (
        ParameterChange.objects.filter(name=name, valid_from__lte=on)
        .order_by("-valid_from", "-pk")
        .first()
    )
    return row.value if row else parameter_rows()[name].value


def avoids(user_id: int, enterprise_code: str | None, *, on: date) -> bool:
    """Whether a person is linked to an enterprise on a day (回避)."""
    return bool(enterprise_code) and (
        Avoidance.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=on),
            officer_id=user_id,
            enterprise_id=enterprise_code,
            valid_from__lte=on,
        ).exists()
    )
