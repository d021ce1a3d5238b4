"""Where a figure leads (数字可点): the ledger's own filters, plus two that only statistics know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qingyuan.casework.statistics import definitions
from qingyuan.core.periods import city_date, day_of
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.statistics.selectors.figures import numbers
from qingyuan.web.statistics.selectors.measures import MEASURES, sides

__all__ = ["LATENESS", "figure_filters", "late_by", "link"]

_NEVER = 100_000
LATENESS = {"1": (1, 3), "4": (4, 10), "11": (11, 30), "31": (31, _NEVER)}
"""How late, in working days: from, to."""


def link(wanted: Mapping[str, str], **more: str) -> str:
    """Return the ledger with these filters; *more* wins, an empty value takes a filter away."""
    kept = {**wanted, **more}
    return f"{reverse('ledger')}?{urlencode({'ledger': 'all', **{k: v for k, v in kept.items() if v}})}"


def _figure(value: str, at: datetime) -> Q:
    name, _dot, side = value.partition(".")
    if name not in MEASURES or side not in sides(name):
        return Q(pk__in=[])
    keys = numbers(Case.objects.all(), name, side, at=at)
    return Q(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [keys]))


def late_by(value: str, at: datetime) -> Q:
    """Return the running cases late by a number of working days, of `LATENESS`."""
    if value not in LATENESS:
        return Q(pk__in=[])
    least, most = LATENESS[value]
    late = Q(closed_at=None, paused=False, due_at__lte=at)
    if least > 1:
        late &= Q(due_at__lte=_back(least, at))
    if most < _NEVER:
        late &= Q(due_at__gt=_back(most + 1, at))
    return late


def _back(n: int, at: datetime) -> datetime:
    """Return the start of the n-th last working day: what ended by then is n working days late."""
    tomorrow = city_date(at) + timedelta(days=1)
    return day_of(calendar().add_working_days(tomorrow, -n)).start


def _choices(scope: object, wanted: Mapping[str, str]) -> list[tuple[str, str]]:
    said = []
    for name in MEASURES:
        defined = definitions()[name]
        words = {"over": defined.numerator, "among": defined.denominator, **defined.parts}
        label = in_language(defined.label)
        said += [(f"{name}.{side}", f"{label}·{in_language(words[side])}") for side in sides(name)]
    return said


def figure_filters() -> list[cases.Filter]:
    """Return the filters the ledger learns from statistics."""
    return [
        cases.Filter("figure", _("统计口径"), "link", _figure, _choices),
        cases.Filter(
            "late", _("逾期天数"), "link", late_by, lambda s, w: [(v, str(t)) for v, t in _LATE]
        ),
    ]


_LATE = (
    ("1", _("逾期 1—3 个工作日")), ("4", _("逾期 4—10 个工作日")), ("11", _("逾期 11—30 个工作日")), ("31", _("逾期 30 个工作日以上")),
)  # fmt: skip
