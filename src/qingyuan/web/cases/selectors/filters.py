"""What a ledger can be narrowed by (筛选): one table of filters for bar, link, export and figure.

An empty value does not narrow; a day nobody can read does not either; an unknown word finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qingyuan import casework
from qingyuan.core.periods import city_date, day_of
from qingyuan.web.accounts import selectors as accounts
from qingyuan.web.accounts.models import Unit, User
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases.models import CardSent, Case, CasePart, CaseType
from qingyuan.web.cases.models.case import LEVELS, MATTERS, in_language
from qingyuan.web.cases.models.work import CARDS
from qingyuan.web.cases.selectors.rules import current
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.registry import selectors as registry
from qingyuan.web.registry.models import Enterprise
from qingyuan.web.ui.once import once

__all__ = [
    "FILTERS",
    "SOON_DAYS",
    "Choice",
    "Filter",
    "days_left_span",
    "know_filter",
    "labels_of_families",
    "narrowed",
    "spoken",
    "wanted_of",
]

SOON_DAYS = 3
"""临期：剩余不超过三个工作日（product.md §2.1）."""

Choice = tuple[str, str]
Where = Callable[[str, datetime], Q | None]


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow.

    ``kind``: ``one`` of its choices, ``day``, ``yes`` (a box), ``line`` (typed), ``link`` (only
    comes with a link, shown as a chip). ``first`` filters stand in the bar, the rest behind 更多筛选.
    """

    name: str
    label: str
    kind: Literal["one", "day", "yes", "line", "link"]
    where: Where
    choices: Callable[[Scope, Mapping[str, str]], list[Choice]] | None = None
    first: bool = False


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1991 < day.year < 2200 else None


def _equals(column: str) -> Where:
    return lambda value, at: Q(**{column: value})


def _on(column: str) -> Where:
    def where(value: str, at: datetime) -> Q | None:
        day = _day(value)
        if day is None:
            return None
        span = day_of(day)
        return Q(**{f"{column}__gte": span.start, f"{column}__lt": span.end})

    return where


def _from(column: str) -> Where:
    def where(value: str, at: datetime) -> Q | None:
        day = _day(value)
        return Q(**{f"{column}__gte": day_of(day).start}) if day else None

    return where


def _to(column: str) -> Where:
    def where(value: str, at: datetime) -> Q | None:
        day = _day(value)
        return Q(**{f"{column}__lt": day_of(day).end}) if day else None

    return where


def _due_to(value: str, at: datetime) -> Q | None:
    """Read a last day: ``due_at`` is the instant after it."""
    day = _day(value)
    return Q(due_at__lte=day_of(day).end) if day else None


def _due_from(value: str, at: datetime) -> Q | None:
    day = _day(value)
    return Q(due_at__gt=day_of(day).start) if day else None


def days_left_span(at: datetime) -> datetime:
    """Return the instant up to which a running case counts as nearly due (临期)."""
    return day_of(calendar().add_working_days(city_date(at), SOON_DAYS + 1)).start


_RUNNING = Q(closed_at=None, paused=False)


def _due(value: str, at: datetime) -> Q | None:
    today = day_of(city_date(at))
    known: dict[str, Callable[[], Q]] = {
        "late": lambda: _RUNNING & Q(due_at__lte=at),
        "today": lambda: _RUNNING & Q(due_at__gt=at, due_at__lte=today.end),
        "soon": lambda: _RUNNING & Q(due_at__gt=at, due_at__lte=days_left_span(at)),
        "later": lambda: _RUNNING & Q(due_at__gt=days_left_span(at)),
        "paused": lambda: Q(closed_at=None, paused=True),
        "none": lambda: _RUNNING & Q(due_at=None),
    }
    return known[value]() if value in known else Q(pk__in=[])


def _state(value: str, at: datetime) -> Q:
    """``signed`` in any procedure, ``exceedance.signed`` in one."""
    procedure, _dot, state = value.rpartition(".")
    return Q(state=state) & (Q(procedure__name=procedure) if procedure else Q())


def _family(value: str, at: datetime) -> Q:
    names = [name for name, rules in current().items() if rules.family == value]
    return Q(procedure__name__in=names)


def _person(value: str, at: datetime) -> Q:
    found = User.objects.filter(Q(username=value) | Q(name=value)).values_list("pk", flat=True)
    return Q(person_id__in=list(found))


def _sponsor(value: str, at: datetime) -> Q:
    found = User.objects.filter(Q(username=value) | Q(name=value)).values_list("pk", flat=True)
    return Q(sponsor_id__in=list(found))


def _unit(value: str, at: datetime) -> Q:
    """Find what a unit leads (``-``: what nobody leads); ``part_unit`` finds what it shares in."""
    if value == "-":
        return Q(unit=None)
    return Q(unit_id__in=list(Unit.objects.filter(code=value).values_list("pk", flat=True)))


def _part_unit(value: str, at: datetime) -> Q:
    shared = CasePart.objects.filter(unit__code=value, ended_at=None)
    return Q(pk__in=shared.values("case_id"))


def _enterprise(value: str, at: datetime) -> Q:
    found = Enterprise.objects.filter(Q(code=value) | Q(name_zh=value))
    return Q(enterprise_id__in=list(found.values_list("code", flat=True)))


def _type(value: str, at: datetime) -> Q:
    if value == "-":
        return Q(types=None)
    return Q(pk__in=CaseType.objects.filter(type=value).values("case_id"))


def _card(value: str, at: datetime) -> Q:
    sent = CardSent.objects.filter(card=value, clock__case=OuterRef("pk"), clock__stopped_at=None)
    return Q(Exists(sent))


def _rounds(value: str, at: datetime) -> Q:
    known = {"1": Q(round=1), "2": Q(round=2), "3": Q(round__gte=3), "again": Q(round__gt=1)}
    return known.get(value, Q(pk__in=[]))


def _by_sound(key: str) -> Q:
    """Find pinyin or its initials: the key kept has the tones (``dong1shan1 ds``), people type none."""
    if key.isascii() and key.isalpha():
        return Q(sort_key__regex="[0-9]?".join(key[:60]))
    return Q(sort_key__icontains=key)


def _text(value: str, at: datetime) -> Q:
    """Find numbers, titles and the names (or their pinyin) of units, people and enterprises.

    The small tables are asked first, so that the many cases are read once and joined to nothing.
    """
    key = value.lower()
    sound = _by_sound(key)
    units = Unit.objects.filter(Q(name_zh__icontains=value) | sound)
    firms = Enterprise.objects.filter(Q(name_zh__icontains=value) | sound)
    people = User.objects.filter(Q(name__icontains=value) | Q(username=key))
    found = Q(title__icontains=value) | Q(
        unit_id__in=list(units.values_list("pk", flat=True)[:200])
    )
    if value.isascii():
        found |= Q(number__contains=value.upper()) | Q(source_no=value)
    found |= Q(person_id__in=list(people.values_list("pk", flat=True)[:500]))
    return found | Q(enterprise_id__in=list(firms.values_list("code", flat=True)[:500]))


def labels_of_families() -> dict[str, str]:
    """Return the families of procedures and what they are called: the name of their procedures."""
    said: dict[str, list[str]] = {}
    for rules in current().values():
        said.setdefault(rules.family, []).append(in_language(rules.label))
    return {family: " / ".join(names[:2]) for family, names in said.items() if len(names) > 1}


def _procedures(scope: Scope, wanted: Mapping[str, str]) -> list[Choice]:
    return [(name, in_language(rules.label)) for name, rules in current().items()]


def _states(scope: Scope, wanted: Mapping[str, str]) -> list[Choice]:
    """Offer the states of the procedure chosen; without one, those of every procedure by name."""
    shipped = current()
    rules = shipped.get(wanted.get("procedure", ""))
    if rules is not None:
        return [(s.name, in_language(s.label)) for s in rules.states.values()]
    if len(shipped) == 1:
        return [(s.name, in_language(s.label)) for r in shipped.values() for s in r.states.values()]
    said: dict[str, dict[str, None]] = {}
    for one in shipped.values():
        for state in one.states.values():
            said.setdefault(state.name, {})[in_language(state.label)] = None
    return [(name, " / ".join(list(labels)[:2])) for name, labels in said.items()]


def _districts(scope: Scope, wanted: Mapping[str, str]) -> list[Choice]:
    found = registry.districts(scope).defer("wkb")
    return once(("districts", scope), lambda: [(d.code, d.name) for d in found])


def _units(scope: Scope, wanted: Mapping[str, str]) -> list[Choice]:
    found = accounts.units().exclude(code="enterprises").order_by("path")
    if not scope.city:
        found = found.filter(path__startswith=scope.unit_path or "/")
    rows = once(("units", scope), lambda: list(found.values_list("code", "path", "name_zh")))
    return [(code, f"{'　' * max(0, path.count('/') - 2)}{name}") for code, path, name in rows]


def _words(table: Mapping[str, casework.Label]) -> Callable[[Scope, Mapping[str, str]], list[Choice]]:  # fmt: skip
    return lambda scope, wanted: [(word, in_language(label)) for word, label in table.items()]


def _said(pairs: Iterable[tuple[object, object]]) -> Callable[[Scope, Mapping[str, str]], list[Choice]]:  # fmt: skip
    held = list(pairs)
    return lambda scope, wanted: [(str(value), str(label)) for value, label in held]


_DUE = (
    ("late", _("已逾期")), ("today", _("今日到期")), ("soon", _("三个工作日内到期")), ("later", _("三个工作日以后")),
    ("paused", _("暂停计时")), ("none", _("未定期限")),
)  # fmt: skip
_ROUNDS = (
    ("1", _("第一轮")),
    ("2", _("第二轮")),
    ("3", _("第三轮以上")),
    ("again", _("第二轮以上")),
)
_ORIGINS = (
    ("signal", _("监测告警")), ("manual", _("人工立案")), ("petition", _("信访投诉")), ("inspection", _("督察交办")),
    ("plan", _("任务分解")), ("campaign", _("专项行动")), ("sweep", _("举一反三")), ("outfall", _("排污口整治")),
)  # fmt: skip
_PHASES = tuple((phase.value, casework.Label(phase.zh, phase.en)) for phase in casework.Phase)

FILTERS: dict[str, Filter] = {
    f.name: f
    for f in (
        Filter("text", _("查找"), "line", _text, first=True),
        Filter("procedure", _("程序"), "one", _equals("procedure__name"), _procedures, first=True),
        Filter("district", _("区市"), "one", _equals("district_id"), _districts, first=True),
        Filter("state", _("环节"), "one", _state, _states, first=True),
        Filter("due", _("期限"), "one", _due, _said(_DUE), first=True),
        Filter("family", _("业务"), "one", _family, lambda s, w: list(labels_of_families().items())),
        Filter("phase", _("阶段"), "one", _equals("phase"), _words(dict(_PHASES))),
        Filter("unit", _("责任单位"), "one", _unit, _units),
        Filter("part_unit", _("参办单位"), "one", _part_unit, _units),
        Filter("person", _("责任人"), "line", _person),
        Filter("sponsor", _("包案领导"), "line", _sponsor),
        Filter("matter", _("事项"), "one", _equals("matter"), _said(MATTERS)),
        Filter("type", _("污染类型"), "one", _type, _words(casework.TYPES)),
        Filter("truth", _("属实情况"), "one", _equals("truth"), _words(casework.TRUTHS)),
        Filter("progress", _("办理进度"), "one", _equals("progress"), _words(casework.PROGRESS)),
        Filter("level", _("级别"), "one", lambda v, at: Q(level=v) if v.isdecimal() and len(v) < 4 else Q(pk__in=[]), _said(LEVELS)),
        Filter("origin", pgettext_lazy("ledger", "来源"), "one", _equals("origin_kind"), _said(_ORIGINS)),
        Filter("card", _("预警牌"), "one", _card, _said((v, _(t)) for v, t in CARDS)),
        Filter("rounds", _("轮次"), "one", _rounds, _said(_ROUNDS)),
        Filter("immediate", _("立行立改"), "yes", lambda v, at: Q(immediate=True) if v == "1" else None),
        Filter("open", _("未办结"), "yes", lambda v, at: Q(closed_at=None) if v == "1" else None),
        Filter("overdue", _("已逾期"), "link", lambda v, at: _due("late", at) if v == "1" else None),
        Filter("opened_from", _("立案自"), "day", _from("opened_at")),
        Filter("opened_to", _("立案至"), "day", _to("opened_at")),
        Filter("due_from", _("到期自"), "day", _due_from),
        Filter("due_to", _("到期至"), "day", _due_to),
        Filter("closed_from", _("办结自"), "day", _from("closed_at")),
        Filter("closed_to", _("办结至"), "day", _to("closed_at")),
        Filter("opened", _("立案日期"), "link", _on("opened_at")),
        Filter("concluded", _("办结日期"), "link", _on("closed_at")),
        Filter("assigned", _("交办日期"), "link", _on("assigned_at")),
        Filter("enterprise", _("企业"), "line", _enterprise),
        Filter("section", _("断面编号"), "link", _equals("section_code")),
        Filter("outfall", _("排污口编号"), "link", _equals("outfall_code")),
        Filter("numbers", _("选中的案件"), "link", lambda v, at: Q(number__in=v.split(",")[:100])),
        Filter("origin_ref", _("同一来源"), "link", _equals("origin_ref")),
        Filter("source", _("来源系统"), "link", _equals("source_system")),
        Filter("source_no", _("来源编号"), "link", _equals("source_no")),
    )
}  # fmt: skip
"""Every filter by its name in the address."""


def know_filter(one: Filter) -> None:
    """Let an app above add a filter (a figure's rows, a batch, a campaign); call it in ``ready``."""
    FILTERS[one.name] = one


def wanted_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return what an address asks for: every filter it names with a value."""
    longest = {"numbers": 4_200}
    asked = {n: (given.get(n) or "").strip()[: longest.get(n, 200)] for n in FILTERS}
    return {name: value for name, value in asked.items() if value and "\x00" not in value}


def narrowed(found: QuerySet[Case], *, at: datetime, **wanted: str) -> QuerySet[Case]:
    """Narrow by filters of the table; an empty filter does not narrow, an unreadable day neither."""
    for name, value in wanted.items():
        if value.strip():
            where = FILTERS[name].where(value.strip(), at)
            if where is not None:
                found = found.filter(where)
    return found


def spoken(wanted: Mapping[str, str], scope: Scope) -> dict[str, str]:
    """Return the filters in words: what each is called and the name of the value chosen."""
    said: dict[str, str] = {}
    for name, value in wanted.items():
        one = FILTERS[name]
        names = dict(one.choices(scope, wanted)) if one.choices else {}
        if name == "numbers":
            value = str(len(value.split(",")))
        said[str(one.label)] = names.get(value, "✓" if value == "1" else value).strip("　")
    return said
