"""Tags and filters every page may use (组件): see README.md for each with an example."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_noop

from qingyuan.core.periods import last_day
from qingyuan.web.ui import assets
from qingyuan.web.ui.navigation import Item, for_user, phone_for_user
from qingyuan.web.ui.palette import class_name, scale

register = template.Library()

CITY_ZONE = ZoneInfo("Asia/Shanghai")


@cache
def _icons() -> dict[str, str]:
    path = Path(__file__).resolve().parent.parent / "icons.json"
    return dict(json.loads(path.read_text("utf-8"))["icons"])


@register.simple_tag
def asset(name: str) -> str:
    """Address of a built file: ``{% asset "app.js" %}``."""
    return assets.address(name)


@register.simple_tag
def ui_static(name: str) -> str:
    """Address of a file kept as it is: ``{% ui_static "favicon.svg" %}``."""
    return f"{settings.STATIC_URL}ui/{name}"


@register.simple_tag
def options(choices: Iterable[tuple[object, object]], chosen: object = "") -> SafeString:
    """Draw the options of a select: ``{% options choices value %}``; drawn once for page after page."""
    return _options(tuple((str(key), str(label)) for key, label in choices), str(chosen))


@lru_cache(maxsize=256)
def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    selected = mark_safe(" selected")
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, selected if key == chosen else "", label) for key, label in choices),
    )


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon; it never speaks, so put a word beside it or label its button."""
    paths = mark_safe("".join(f'<path d="{path}"/>' for path in _icons()[name].split("|")))
    return format_html(
        '<svg class="qy-icon{}" width="18" height="18" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        f" is-{size}" if size else "",
        paths,
    )


class _Remember(template.Node):
    """Render once, use twice: a page's title stands in the tab and in the heading."""

    def __init__(self, nodelist: template.NodeList, name: str) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: template.Context) -> str:
        context[self.name] = mark_safe(self.nodelist.render(context).strip())
        return ""


@register.tag
def remember(parser: template.base.Parser, token: template.base.Token) -> _Remember:
    """``{% remember name %}…{% endremember %}``: keep what is inside as a variable."""
    name = token.split_contents()[1]
    nodelist = parser.parse(("endremember",))
    parser.delete_first_token()
    return _Remember(nodelist, name)


@register.simple_tag(takes_context=True)
def navigation(context: template.Context, dock: bool = False) -> list[Item]:
    """Return the entries the person signed in may see: ``{% navigation as bar %}``.

    A page may hand in its own (``own_bar``, ``own_dock``).
    """
    own = context.get("own_dock" if dock else "own_bar")
    if own is not None:
        return list(own)
    user, request = context.get("user"), context.get("request")
    if user is None or not user.is_authenticated:
        return []
    scope = context.get("scope")
    if scope is None:  # an address that leads nowhere: half a bar would say less than none
        return []
    roles = scope.roles
    give = phone_for_user if dock else for_user
    return give(user, roles=roles, path=request.path if request else "")


@register.simple_tag
def nav_item(item: Item) -> SafeString:
    """Draw one entry of the bar."""
    return _nav_item(item.name, str(item.label), item.url, item.count, item.tone, item.here)


@lru_cache(maxsize=512)
def _nav_item(name: str, label: str, url: str, number: int, tone: str, here: bool) -> SafeString:
    return format_html(
        '<li><a href="{}"{}>{}<span class="qy-count"{} id="nav-count-{}"{}>{}</span></a></li>',
        url,
        mark_safe(' aria-current="page"') if here else "",
        label,
        format_html(' data-tone="{}"', tone) if tone else "",
        name,
        "" if number else mark_safe(" hidden"),
        count(number),
    )


@register.filter
def gb_class(value: object) -> str:
    """Write a water class the one way: 4, IV, Ⅳ类 → Ⅳ; unknown → ``—``."""
    return class_name(value) or "—"


@register.filter
def city_time(value: datetime | None) -> str:
    """Show an instant in Beijing time: 2026-09-22 08:30; nothing → ``—``."""
    return value.astimezone(CITY_ZONE).strftime("%Y-%m-%d %H:%M") if value else "—"


@register.filter
def city_clock(value: datetime | None) -> str:
    """Show only hour and minute in Beijing time."""
    return value.astimezone(CITY_ZONE).strftime("%H:%M") if value else "—"


@register.filter
def due(value: datetime | None) -> str:
    """Show when a term ends: its last day, or the minute where it is counted in hours."""
    if value is None:
        return "—"
    at = value.astimezone(CITY_ZONE)
    return city_time(at) if at.time() != time.min else city_date(last_day(at))


@register.filter
def city_date(value: datetime | date | None) -> str:
    """Show the Beijing date: 2026-09-22."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = value.astimezone(CITY_ZONE)
    return value.strftime("%Y-%m-%d")


@register.filter
def unlocalized(value: float) -> str:
    """Write a number without grouping or trailing zeros, for scripts and rates."""
    return f"{value:g}"


@register.filter
def iso(value: datetime) -> str:
    """Write an instant for ``<time datetime=…>`` and for scripts."""
    return value.isoformat()


def _number(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if isinstance(value, (Decimal, float)):
        return f"{value:f}".replace("-", "−") if isinstance(value, Decimal) else f"{value:g}"
    return str(value)


@register.filter
def count(value: object) -> str:
    """Group a count by thousands: 12,043."""
    return "—" if value is None or value == "" else _number(value)


_UNITLESS = gettext_noop("无量纲")  # the one unit that is a word; standards and loggers write it


@register.filter
def quantity(value: object, unit: str = "") -> SafeString | str:
    """Show a value as reported, with its unit: 1.34 mg/L; nothing → ``—``."""
    if value is None or value == "":
        return "—"
    if not unit:
        return _number(value)
    return format_html('{} <span class="qy-unit">{}</span>', _number(value), gettext(unit))


@register.filter
def percent(value: float | Decimal | None) -> str:
    """Show a share of one: 0.305 → 30.5%."""
    return "—" if value is None else f"{value * 100:.1f}%"


@register.filter
def probability(value: float | Decimal | None) -> str:
    """Show a probability with two decimals; never 1.00 or 0.00 when it is neither."""
    if value is None:
        return "—"
    if 0 < value < 0.005:
        return "<0.01"
    if 0.995 <= value < 1:
        return ">0.99"
    return f"{value:.2f}"


@register.filter
def initials(name: str | None) -> str:
    """Return what stands in a person's round mark: the last two characters, or Latin initials."""
    text = str(name or "").strip()
    if text.isascii() and text:
        return "".join(word[0] for word in text.split()[:2]).upper()
    return text[-2:] if len(text) > 2 else text


@register.inclusion_tag("ui/_class.html")
def class_badge(value: object, size: str = "") -> dict[str, Any]:
    """Badge of a water class: colour, dark outline and letter."""
    return {"name": class_name(value), "size": size}


@register.inclusion_tag("ui/_class_legend.html")
def class_legend() -> dict[str, Any]:
    """All six badges in order."""
    return {"steps": scale("water_class")}


@register.inclusion_tag("ui/_aqi.html")
def aqi_badge(level: str, value: object = "") -> dict[str, Any]:
    """Badge of an AQI level (优…严重)."""
    return {"level": level, "value": value}


@register.inclusion_tag("ui/_state.html")
def state(label: object, tone: str = "") -> dict[str, Any]:
    """State as shape and word; tone: now, ok, warn, late or nothing."""
    return {"label": label, "tone": tone}


@register.inclusion_tag("ui/_figure.html")
def figure(
    label: object,
    value: object,
    unit: str = "",
    href: str = "",
    hint: object = "",
    tone: str = "",
    id: str = "",
) -> dict[str, Any]:
    """One large figure with its unit, a link to the rows that make it.

    Zero has no tone: nothing overdue is nothing to worry about.
    """
    if value in (0, "0"):
        tone = ""
    return {
        "label": label,
        "value": count(value),
        "unit": unit,
        "href": href,
        "hint": hint,
        "tone": tone,
        "id": id,
    }


@register.inclusion_tag("ui/_countdown.html")
def countdown(
    due: datetime | date | None,
    left: int | None = None,
    rule: str = "",
    closed: bool = False,
    paused: bool = False,
    plain: bool = False,
) -> dict[str, Any]:
    """Working days left; *left* < 0 is overdue; *rule* shows on hover and focus.

    *plain* leaves the date out (narrow cells).
    """
    if closed:
        tone = "done"
    elif left is not None and left < 0:
        tone = "late"
    elif left is not None and left <= 3:
        tone = "warn"
    else:
        tone = "ok"
    return {
        "due": due,
        "left": left,
        "late_by": -left if left is not None and left < 0 else 0,
        "rule": rule,
        "closed": closed,
        "paused": paused,
        "plain": plain,
        "tone": tone,
    }


@register.inclusion_tag("ui/_rail.html")
def state_rail(steps: Iterable[Any], current: str) -> dict[str, Any]:
    """Rail of macro states; *steps* are ``(name, label[, note])`` in order, *current* a name."""
    out: list[dict[str, Any]] = []
    passed = True
    for step in steps:
        name, label, *note = step
        here = name == current
        passed = passed and not here
        out.append(
            {
                "label": label,
                "note": note[0] if note else "",
                "state": "now" if here else "done" if passed else "todo",
            }
        )
    return {"steps": out}


@register.inclusion_tag("ui/_place.html")
def place(name: str, district: str = "", href: str = "", code: str = "") -> dict[str, Any]:
    """Name of a thing with its district and code."""
    return {"name": name, "district": district, "href": href, "code": code}


@register.inclusion_tag("ui/_person.html")
def person(name: str, unit: str = "") -> dict[str, Any]:
    """Person with initials and unit."""
    return {"name": name, "unit": unit}


@register.inclusion_tag("ui/_probability.html")
def probability_bar(value: float | Decimal) -> dict[str, Any]:
    """Bar of a suspect's probability; never red."""
    return {"value": value, "width": f"{max(0.0, min(1.0, float(value))) * 100:.1f}%"}


@register.inclusion_tag("ui/_bits.html")
def evidence_bits(evidence: Iterable[tuple[str, float]], reach: float = 0.0) -> dict[str, Any]:
    """Bars of evidence in bits, for to the right and against to the left; last row is the sum.

    *reach* is the common scale (bits) so that bars of several suspects compare; 0 fits this one.
    """
    rows = [(label, float(bits)) for label, bits in evidence]
    span = reach or max((abs(bits) for _, bits in rows), default=1.0) or 1.0
    return {
        "rows": [
            {
                "label": label,
                "text": f"{bits:+.1f}".replace("-", "−"),
                "side": "for" if bits >= 0 else "against",
                "x": 50.0 if bits >= 0 else 50 - min(1, -bits / span) * 50,
                "width": min(1, abs(bits) / span) * 50,
            }
            for label, bits in rows
        ],
        "total": f"{sum(bits for _, bits in rows):+.1f}".replace("-", "−"),
    }


@register.inclusion_tag("ui/_pages.html", takes_context=True)
def pages(context: dict[str, Any], page: Page[Any]) -> dict[str, Any]:
    """Pagination of a Django page; keeps the rest of the query."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is not None:
        query.pop("page", None)
    prefix = f"?{query.urlencode()}&page=" if query else "?page="
    return {
        "page": page,
        "prefix": prefix,
        "numbers": list(
            page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
        ),
        "gap": page.paginator.ELLIPSIS,
    }


@register.inclusion_tag("ui/_tabs.html")
def tabs(items: Sequence[Any], label: object = "") -> dict[str, Any]:
    """Tabs with counts; *items* are ``(label, href, count or None, is_here)``."""
    return {
        "items": [
            {"label": text, "href": href, "count": number, "here": here}
            for text, href, number, here in items
        ],
        "label": label,
    }


@register.inclusion_tag("ui/_pick.html")
def pick(
    label: object, name: str, options: Iterable[Any], given: object = "", every: bool = True
) -> dict[str, Any]:
    """Narrow a list by one of *options*: ``(value, label)`` pairs, or things with ``code`` and ``name``.

    *every* puts “all” (全部) first.
    """
    pairs = [(o.code, o.name) if hasattr(o, "code") else o for o in options]
    said = "" if given is None else str(given)
    rows = [(value, text, str(value) == said) for value, text in pairs]
    return {"label": label, "name": name, "rows": rows, "every": every}


@register.inclusion_tag("ui/_empty.html")
def empty(
    title: object, hint: object = "", href: str = "", action: object = "", symbol: str = "inbox"
) -> dict[str, Any]:
    """Say what will appear here and what to do."""
    return {"title": title, "hint": hint, "href": href, "action": action, "symbol": symbol}


@register.inclusion_tag("ui/_errors.html")
def error_summary(form: Any) -> dict[str, Any]:
    """Summary of a bound form's errors at the top of the page, each a link to its field."""
    rows: list[tuple[str, str]] = []
    if form is not None and getattr(form, "errors", None):
        rows += [("", text) for text in form.non_field_errors()]
        rows += [
            (bound.id_for_label, text)
            for bound in form
            if not bound.is_hidden
            for text in bound.errors
        ]
    return {"rows": rows}


@register.inclusion_tag("ui/_field.html")
def field(bound: Any) -> dict[str, Any]:
    """One form field: label, hint, error, control; the value is kept."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "")
    described = []
    if bound.help_text:
        described.append(f"{bound.auto_id}-hint")
    if bound.errors:
        described.append(f"{bound.auto_id}-error")
    attrs: dict[str, Any] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    many = kind == "radio" or type(widget).__name__ in {"CheckboxSelectMultiple", "RadioSelect"}
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "single_box": kind == "checkbox" and not many,
        "group": many,
        "file": kind == "file",
    }
