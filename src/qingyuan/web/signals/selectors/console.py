"""Questions of the alarm console; each takes the scope first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum

from qingyuan.core.factors import factor as factor_of
from qingyuan.core.factors import factors
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import Scope, scope_of
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import District
from qingyuan.web.signals.models import Signal, Silence
from qingyuan.web.ui.once import once

__all__ = [
    "STATES",
    "Row",
    "change_mark",
    "counts_by_state",
    "in_state",
    "is_silenced",
    "narrowed",
    "rows",
    "signals",
    "silences",
    "urgent_first",
    "waiting_count",
]

_REAL = Q(false_at=None)
# 告警台的页签：四个状态、误报与待处理（活动或未确认）
STATES: Mapping[str, Q] = {
    "waiting": _REAL & (Q(cleared_at=None) | Q(acknowledged_at=None)),
    "active_unacknowledged": _REAL & Q(cleared_at=None, acknowledged_at=None),
    "active_acknowledged": _REAL & Q(cleared_at=None, acknowledged_at__isnull=False),
    "cleared_unacknowledged": _REAL & Q(cleared_at__isnull=False, acknowledged_at=None),
    "cleared_acknowledged": _REAL & Q(cleared_at__isnull=False, acknowledged_at__isnull=False),
    "false": ~_REAL,
    "all": Q(),
}


def _seen(scope: Scope) -> Q:
    if scope.city:
        return Q()
    seen = Q(district_code__in=sorted(scope.districts))
    for kind in ("section", "outfall", "air", "enterprise"):
        seen |= Q(object_kind=kind, object_code__in=scope.watched_refs(kind))
    if scope.enterprise_code:
        own = registry.outfalls(scope).values("code")
        seen |= Q(object_kind="outfall", object_code__in=own)
        seen |= Q(object_kind="enterprise", object_code=scope.enterprise_code)
        # a doubt about its own data is told to an enterprise by people, or not at all
        seen &= ~Q(kind=Signal.Kind.INTEGRITY)
    return seen


def signals(scope: Scope) -> QuerySet[Signal]:
    """Return the signals a person may see, newest first."""
    return (
        Signal.objects.filter(_seen(scope))
        .select_related("acknowledged_by__unit", "false_by__unit", "linked_by__unit")
        .order_by("-last_at", "-pk")
    )


def in_state(found: QuerySet[Signal], state: str) -> QuerySet[Signal]:
    """Narrow to one tab of the console; an unknown name is the first tab."""
    return found.filter(STATES.get(state, STATES["waiting"]))


def urgent_first(found: QuerySet[Signal]) -> QuerySet[Signal]:
    """Order by level, then newest first: what a duty officer should look at next."""
    return found.order_by("level", "-last_at", "-pk")


def narrowed(
    found: QuerySet[Signal],
    *,
    kind: str = "",
    level: str = "",
    district: str = "",
    object_kind: str = "",
    station: str = "",
    factor: str = "",
    text: str = "",
) -> QuerySet[Signal]:
    """Narrow by the console's filters; an empty one does not narrow."""
    of, _, code = station.partition(":")
    wanted = {
        "kind": kind,
        "level": level if level.isdecimal() else "",
        "district_code": district,
        "object_kind": object_kind or (of if code else ""),
        "object_code": code,
        "factor": factor,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    return found.filter(_matching(text.strip())) if text.strip() else found


def _matching(text: str) -> Q:
    """Text finds an object by name, code or pinyin, or a factor by name, symbol or code."""
    named = [
        f.code
        for f in factors().values()
        if text.lower() in f"{f.zh} {f.en} {f.symbol} {f.code}".lower()
    ]
    wanted = Q(factor__in=named) | Q(object_code__iexact=text) | Q(case_ref__icontains=text)
    return wanted | Q(pk__in=[s.pk for s in _named(text)])


def _named(text: str) -> Iterable[Signal]:
    from qingyuan.web.registry.models import AirStation, Outfall, Section

    for kind, model in (("section", Section), ("outfall", Outfall), ("air", AirStation)):
        codes = registry.matching(model.objects.all(), text).values("code")
        yield from Signal.objects.filter(object_kind=kind, object_code__in=codes).only("pk")


def counts_by_state(found: QuerySet[Signal]) -> dict[str, int]:
    """Return how many rows each tab holds."""
    named = {name: Count("pk", filter=q) for name, q in STATES.items() if name != "all"}
    return found.order_by().aggregate(**named, all=Count("pk"))


def change_mark(found: QuerySet[Signal]) -> str:
    """Return a mark that differs whenever a row was added, changed or counted up."""
    seen = found.order_by().aggregate(n=Count("pk"), repeats=Sum("count"), last=Max("touched_at"))
    last = f"{seen['last'].timestamp():.6f}" if seen["last"] else ""
    return f"{seen['n']}-{seen['repeats'] or 0}-{last}"


def waiting_count(user: User, *, at: datetime) -> int:
    """Return how many active alarms nobody has acknowledged, of those a person may see."""
    scope = scope_of(user, on=city_date(at))
    waiting = in_state(Signal.objects.filter(_seen(scope)), "active_unacknowledged")
    return once(("signals waiting", scope), waiting.count)


def is_silenced(signal: Signal, *, at: datetime) -> bool:
    """Whether a window of silence covers the signal's object and factor."""
    return (
        _in_force(at)
        .filter(object_kind=signal.object_kind, object_code=signal.object_code)
        .filter(Q(factor="") | Q(factor=signal.factor))
        .exists()
    )


def _in_force(at: datetime) -> QuerySet[Silence]:
    return Silence.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=at), since__lte=at, until__gt=at
    )


def silences(scope: Scope, *, at: datetime) -> list[dict[str, object]]:
    """Return the windows of silence in force on what a person may see, the next to end first."""
    found = list(_in_force(at).select_related("made_by__unit").order_by("until", "pk"))
    if not scope.city:
        mine = {f"section:{s.code}" for s in registry.sections(scope)}
        mine |= {f"outfall:{o.code}" for o in registry.outfalls(scope)}
        mine |= {f"air:{a.code}" for a in registry.air_stations(scope)}
        found = [s for s in found if f"{s.object_kind}:{s.object_code}" in mine]
    names = registry.label_of_station(f"{s.object_kind}:{s.object_code}" for s in found)
    return [
        {
            "silence": s,
            "name": names[f"{s.object_kind}:{s.object_code}"],
            "factor": factor_of(s.factor) if s.factor else None,
        }
        for s in found
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """A signal with the names a reader knows."""

    signal: Signal
    name: str
    factor: str
    district: str
    lasted: timedelta
    silenced: bool


def rows(found: Iterable[Signal], *, at: datetime, english: bool = False) -> list[Row]:
    """Return signals with names of object, factor and district, and how long each has lasted."""
    listed = list(found)
    names = registry.label_of_station(s.station for s in listed)
    districts = {
        d.code: d.name for d in District.objects.filter(code__in={s.district_code for s in listed})
    }
    quiet = {(s.object_kind, s.object_code, s.factor) for s in _in_force(at)}
    answer = []
    for s in listed:
        factor = factor_of(s.factor) if s.factor else None
        answer.append(
            Row(
                signal=s,
                name=names[s.station],
                factor=(factor.en if english else factor.zh) if factor else "",
                district=districts.get(s.district_code, ""),
                lasted=(s.cleared_at or max(at, s.last_at)) - s.first_at,
                silenced=bool(
                    quiet
                    & {(s.object_kind, s.object_code, s.factor), (s.object_kind, s.object_code, "")}
                ),
            )
        )
    return answer
