"""Evaluate the object filter (对象筛选): which enterprises, outfalls, sections, named places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet

from qingyuan.core.problems import Problem
from qingyuan.web.campaigns.models import Campaign, Target, Visit
from qingyuan.web.registry.models import District, Enterprise, Outfall, Section

__all__ = ["Difference", "Wanted", "chosen", "difference"]

_MOST = 5000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object the filter asks for."""

    kind: str
    ref: str
    label: str
    district: str
    enterprise: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart."""
        return self.kind, self.ref


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new evaluation changes: added, removed, kept although no longer asked for, same."""

    wanted: tuple[Wanted, ...]
    added: tuple[Wanted, ...]
    removed: tuple[Target, ...]
    kept: tuple[Target, ...]

    @property
    def total(self) -> int:
        """How many objects the list has afterwards."""
        return len(self.wanted) + len(self.kept)


def _within(rule: Mapping[str, object], name: str, column: str) -> Q:
    values = rule.get(name) or []
    return Q(**{f"{column}__in": values}) if values else Q()


def _enterprises(rule: Mapping[str, object]) -> QuerySet[Enterprise]:
    found = Enterprise.objects.filter(
        _within(rule, "districts", "district_id"), _within(rule, "classes", "permit_class")
    )
    trades = Q()
    for trade in rule.get("trades") or []:  # type: ignore[attr-defined]  # a list of codes
        trades |= Q(trade__startswith=trade)
    return found.filter(trades)


def _outfalls(rule: Mapping[str, object]) -> QuerySet[Outfall]:
    found = Outfall.objects.filter(
        _within(rule, "districts", "district_id"), _within(rule, "classes", "outfall_class")
    )
    states = {
        "active": Q(ended_on=None),
        "ended": Q(ended_on__isnull=False),
        "online": Q(ended_on=None, online=True),
    }
    return found.filter(states.get(str(rule.get("state") or ""), Q()))


def _sections(rule: Mapping[str, object]) -> QuerySet[Section]:
    return Section.objects.filter(_within(rule, "districts", "district_id"))


_KINDS = {"enterprise": _enterprises, "outfall": _outfalls, "section": _sections}
_MODELS: dict[str, type[Model]] = {
    "enterprise": Enterprise,
    "outfall": Outfall,
    "section": Section,
}


def _wanted(kind: str, row: Model) -> Wanted:
    code: str = row.code  # type: ignore[attr-defined]
    firm = code if kind == "enterprise" else getattr(row, "enterprise_id", "") or ""
    return Wanted(kind, code, row.name_zh, row.district_id, firm)  # type: ignore[attr-defined]


def chosen(rule: Mapping[str, object]) -> tuple[Wanted, ...]:
    """Return the objects a filter asks for: those of its kind and those named one by one.

    ``rule``: ``kind`` (enterprise, outfall, section or nothing), ``districts``, ``trades`` (leading
    characters of GB/T 4754 codes), ``classes``, ``state``, and ``named``: a code of the registry, or
    ``district code, name`` of a place no registry knows.

    Raises
    ------
    Problem
        ``campaigns.unknown_objects``, ``campaigns.too_many``.
    """
    found: dict[tuple[str, str], Wanted] = {}
    kind = str(rule.get("kind") or "")
    if kind in _KINDS:
        for row in _KINDS[kind](rule).order_by("district_id", "sort_key", "code")[: _MOST + 1]:
            one = _wanted(kind, row)
            found[one.key] = one
    for one in _named(rule.get("named") or []):  # type: ignore[arg-type]  # a list of lines
        found.setdefault(one.key, one)
    if len(found) > _MOST:
        raise Problem("campaigns.too_many", most=_MOST)
    return tuple(found.values())


def _named(lines: Sequence[str]) -> list[Wanted]:
    districts = set(District.objects.values_list("code", flat=True))
    codes = [line.strip() for line in lines if line.strip()]
    known: dict[str, Wanted] = {}
    for kind, model in _MODELS.items():
        for row in model._default_manager.filter(code__in=codes):
            known.setdefault(row.code, _wanted(kind, row))
    found, unknown = [], []
    for line in codes:
        district, _comma, label = line.replace("，", ",").partition(",")
        label = " ".join(label.split())[:120]
        if line in known:
            found.append(known[line])
        elif district.strip() in districts and label:
            found.append(
                Wanted("place", f"{district.strip()}:{label}"[:120], label, district.strip())
            )
        else:
            unknown.append(line)
    if unknown:
        raise Problem("campaigns.unknown_objects", n=len(unknown), first="、".join(unknown[:5]))
    return found


def difference(campaign: Campaign, rule: Mapping[str, object]) -> Difference:
    """Compare what a filter asks for with the list as it stands; what was visited stays on it."""
    wanted = {one.key: one for one in chosen(rule)}
    held = {
        (t.kind, t.ref): t
        for t in Target.objects.filter(campaign=campaign, dropped=None).order_by("pk")
    }
    visited = set(
        Visit.objects.filter(team__campaign=campaign, done_at__isnull=False).values_list(
            "target_id", flat=True
        )
    )
    gone = [t for key, t in held.items() if key not in wanted]
    return Difference(
        wanted=tuple(wanted.values()),
        added=tuple(one for key, one in wanted.items() if key not in held),
        removed=tuple(t for t in gone if t.pk not in visited),
        kept=tuple(t for t in gone if t.pk in visited),
    )
