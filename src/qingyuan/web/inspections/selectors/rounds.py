"""How a round stands (督察轮次): totals, rates with their parts, batches as announced and as registered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from django.db.models import Count, Q, QuerySet, Sum

from qingyuan import casework
from qingyuan.casework.texts.bulletin import TYPE_WORDS, Bulletin, Joint
from qingyuan.web.accounts.models import Unit
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models import CaseType
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.inspections.models import COUNTERS, Batch, Item, ItemRound
from qingyuan.web.registry.models import District

__all__ = [
    "Comparison",
    "Rate",
    "Totals",
    "batch_as_registered",
    "compared",
    "counters",
    "items",
    "plain_number",
    "totals",
]

# 通报的类别词 → 本平台的污染类型（2017 年的细类并入）
_WORD_TYPES = MappingProxyType(
    {
        "大气": "air", "油烟": "air", "扬尘": "air", "水": "water", "土壤": "soil", "重金属": "soil",
        "噪声": "noise", "固废": "waste", "垃圾": "waste", "生态": "ecology", "辐射": "radiation",
        "海洋": "marine", "其他": "other",
    }
)  # fmt: skip

# 本平台的污染类型 → 通报所用的词（细类归入其大类，取先列者）
_TYPE_WORDS = MappingProxyType({code: word for word, code in reversed(list(_WORD_TYPES.items()))})


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with what it is made of; None when there is nothing to divide by."""

    name: str
    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The quotient."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of a set of items: each is in exactly one of the three ledgers (清单、责任、销号)."""

    items: int
    focus: int
    to_assign: int
    in_hand: int
    struck_off: int
    done: int
    staged: int
    assigned: int
    named: int
    returned: int
    rebounds: int

    @property
    def open(self) -> int:
        """Items not struck off."""
        return self.items - self.struck_off

    @property
    def rates(self) -> tuple[Rate, ...]:
        """销号率、办结率（含与不含阶段性办结）, each with numerator and denominator."""
        return (
            Rate("struck_off", self.struck_off, self.items),
            Rate("done", self.done, self.items),
            Rate("done_or_staged", self.done + self.staged, self.items),
        )


def items(scope: Scope) -> QuerySet[Item]:
    """Return the items whose cases a person may see."""
    seen = cases.cases(scope).values("pk")
    return Item.objects.filter(case__in=seen).select_related(
        "batch__round", "case__district", "case__unit", "case__person"
    )


def totals(found: QuerySet[Item]) -> Totals:
    """Count a set of items in one query."""
    n = found.order_by().aggregate(
        items=Count("pk"),
        focus=Count("pk", filter=Q(focus=True)),
        to_assign=Count("pk", filter=Q(case__ledger="assign")),
        in_hand=Count("pk", filter=Q(case__ledger="handle")),
        struck_off=Count("pk", filter=Q(case__ledger="conclude")),
        done=Count("pk", filter=Q(case__progress="done")),
        staged=Count("pk", filter=Q(case__progress="staged")),
        assigned=Count("pk", filter=Q(case__assigned_at__isnull=False)),
        named=Count("pk", filter=Q(case__person__isnull=False)),
        returned=Count("pk", filter=Q(case__state="returned")),
        rebounds=Count("pk", filter=Q(case__round__gt=1)),
    )
    return Totals(**n)


def counters(found: QuerySet[Item]) -> list[tuple[str, str, object]]:
    """Sum the result counters over every round of handling: label, unit, sum."""
    rows = ItemRound.objects.filter(item__in=found.values("pk"))
    sums = rows.aggregate(**{name: Sum(name) for name, _, _ in COUNTERS})
    return [(str(label), str(unit), plain_number(sums[name])) for name, label, unit in COUNTERS]


def plain_number(value: Decimal | int | None) -> Decimal | int:
    """Return a sum without the zeros its column adds; nothing summed is zero."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1)) if value == value.to_integral() else value.normalize()
    return value or 0


def batch_as_registered(batch: Batch) -> Bulletin:
    """Return the bulletin the registered rows themselves would give."""
    rows = list(batch.items.select_related("case__district").prefetch_related("case__parts__unit"))
    districts = dict(District.objects.values_list("code", "name_zh"))
    units: Counter[str] = Counter()
    joint: Counter[tuple[str, ...]] = Counter()
    for item in rows:
        named = _units_of(item, districts)
        if len(named) > 1:
            joint[named] += 1
        else:
            units[named[0]] += 1
    types = CaseType.objects.filter(case__inspection_item__batch=batch)
    by_type = types.values_list("type").annotate(n=Count("pk")).order_by("type")
    before = Item.objects.filter(batch__round=batch.round, batch__number__lte=batch.number)
    return Bulletin(
        day=batch.day,
        batch=batch.number,
        items=len(rows),
        calls=sum(i.channel == Item.Channel.CALL for i in rows),
        letters=sum(i.channel == Item.Channel.LETTER for i in rows),
        focus=sum(i.focus for i in rows),
        cumulative=before.count(),
        cumulative_focus=before.filter(focus=True).count(),
        by_unit=MappingProxyType(dict(units.most_common())),
        joint=tuple(Joint(n, names) for names, n in joint.items()),
        by_type=MappingProxyType({_TYPE_WORDS[t]: n for t, n in by_type}),
        problems=sum(n for _, n in by_type),
    )


def _units_of(item: Item, districts: Mapping[str, str]) -> tuple[str, ...]:
    """Return who handles an item as bulletins name them: a branch by its district.

    Before hand-over they are those the list names, else the district the item lies in.
    """
    parts = [p for p in item.case.parts.all() if p.round == item.case.round]
    units = [p.unit for p in parts if p.role != "watch" and p.state != "returned"]
    units = units or list(Unit.objects.filter(code__in=item.units))
    named = [districts.get(u.district_code, u.name_zh) for u in units]
    return tuple(dict.fromkeys(named)) or (item.case.district.name_zh,)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure as announced and as registered; None where it was not announced."""

    group: str
    name: str
    stated: int | None
    registered: int

    @property
    def differs(self) -> bool:
        """Whether both are known and are not the same."""
        return self.stated is not None and self.stated != self.registered


def compared(batch: Batch) -> list[Comparison]:
    """Set the announced figures of a batch beside the registered ones (通报数与登记数)."""
    said, held = batch.stated, batch_as_registered(batch)
    found = [
        Comparison("whole", name, getattr(said, name), getattr(held, name) or 0)
        for name in ("items", "calls", "letters", "focus", "cumulative", "cumulative_focus", "problems")
    ]  # fmt: skip
    stated: Counter[str] = Counter()
    for word, n in said.by_type.items():
        stated[_type_of(word)] += n
    counted: Counter[str] = Counter()
    for word, n in held.by_type.items():
        counted[_type_of(word)] += n
    found += _side_by_side("type", stated, counted)
    found += _side_by_side("unit", _spread(said), _spread(held))
    return found


def _type_of(word: str) -> str:
    """Return the pollution type a bulletin's word belongs to, in the reader's language."""
    return in_language(casework.TYPES[_WORD_TYPES[TYPE_WORDS.get(word, word)]])


def _spread(said: Bulletin) -> dict[str, int]:
    rows = dict(said.by_unit)
    for joint in said.joint:
        name = "、".join(sorted(joint.units))
        rows[name] = rows.get(name, 0) + joint.items
    return rows


def _side_by_side(
    group: str, stated: Mapping[str, int], held: Mapping[str, int]
) -> list[Comparison]:
    names = dict.fromkeys([*stated, *held])
    said = bool(stated)
    return [
        Comparison(group, name, stated.get(name, 0) if said else None, held.get(name, 0))
        for name in names
    ]
