"""办案统计: figures with their definitions, by district, unit, type, procedure or month."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qingyuan.core.periods import city_date
from qingyuan.web.cases import selectors as cases
from qingyuan.web.cases.selectors.memory import remembered
from qingyuan.web.statistics import selectors, services
from qingyuan.web.statistics.selectors.board import CHECKS, DWELLS, LEAST

_BAR = ("opened_from", "opened_to", "procedure", "district", "unit", "type")
_OWN = ("figure", "late", "numbers")


def _wanted(request: HttpRequest) -> dict[str, str]:
    """Return the filters; without a beginning, this year's."""
    wanted = {k: v for k, v in cases.wanted_of(request.GET).items() if k not in _OWN}
    if "opened_from" not in request.GET:
        wanted["opened_from"] = f"{city_date(request.at).year}-01-01"
    return wanted


def statistics(request: HttpRequest) -> HttpResponse:
    """Show the figures, the definitions behind them, and where each number leads."""
    wanted = _wanted(request)
    by = request.GET.get("by", "")
    by = by if by in selectors.GROUPINGS else "district"
    waiting = services.freshen(at=request.at)
    shown = remembered(
        ("board", request.LANGUAGE_CODE, by, waiting, *sorted(wanted.items())),
        lambda: selectors.board(request.scope, wanted, by, at=request.at),
        scope=request.scope,
        at=request.at,
    )
    words = {
        "district": _("区市"), "unit": _("责任单位"), "type": _("污染类型"), "procedure": _("程序"), "month": _("立案月份"),
    }  # fmt: skip
    asked = {k: v for k, v in request.GET.items() if k in wanted or k == "opened_from"}
    tabs = [(words[k], f"?{urlencode({**asked, 'by': k})}", None, k == by) for k in words]
    rest = [line for n, line in shown.lines.items() if n not in (*CHECKS, *DWELLS)]
    context = {
        "board": shown,
        "checks": [shown.lines[n] for n in CHECKS],
        "dwells": [shown.lines[n] for n in DWELLS],
        "lines": rest,
        "tabs": tabs,
        "by": by,
        "by_label": words[by],
        "least": LEAST,
        "fastest": shown.ranked[:5],
        "slowest": [x for x in reversed(shown.ranked[-5:]) if x not in shown.ranked[:5]],
        "bar": [
            (one, one.choices(request.scope, wanted) if one.choices else [], wanted.get(name, ""))
            for name in _BAR
            if (one := cases.FILTERS[name]) and (name != "district" or request.scope.city)
        ],
        "linked": [(n, v) for n, v in wanted.items() if n not in _BAR],
        "said": cases.spoken(wanted, request.scope),
        "waiting": waiting,
    }
    return render(request, "statistics/statistics.html", context)
