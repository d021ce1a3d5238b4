"""How templates write a document's runs, cells and charts, and a bulletin's period and steps."""

from collections.abc import Mapping

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from qingyuan.reporting import Cell, Chart, Table, Text
from qingyuan.web.bulletins.forms import WEEKDAYS
from qingyuan.web.bulletins.links import address_of
from qingyuan.web.bulletins.models import Bulletin, Edit, Step
from qingyuan.web.bulletins.selectors import Plan
from qingyuan.web.printing import chart_svg

register = template.Library()

_TONES = {
    "draft": "warn", "reviewed": "now", "signed": "now", "published": "ok", "withdrawn": "late",
    "corrected": "late",
}  # fmt: skip


@register.simple_tag
def linked(item: Text | Cell, bulletin: Bulletin) -> SafeString:
    """Return the text, as a link to its rows when it has any."""
    address = address_of(item.link, bulletin)
    return (
        format_html('<a href="{}">{}</a>', address, item.text)
        if address
        else format_html("{}", item.text)
    )


@register.simple_tag
def heads(table: Table) -> list[tuple[str, bool]]:
    """Return each heading and whether figures stand below it (they are set to the right)."""
    first = table.rows[0] if table.rows else ()
    return [(h, n < len(first) and first[n].number) for n, h in enumerate(table.head)]


@register.simple_tag
def drawn(chart: Chart) -> SafeString:
    """Return the drawing of a chart; its words were escaped when it was drawn."""
    return mark_safe(chart_svg(chart).replace('width="640" ', 'width="100%" ', 1))


@register.simple_tag
def period_of(bulletin: Bulletin) -> str:
    """Return the period: a day, or its first and last."""
    if bulletin.first is None or bulletin.first == bulletin.day:
        return bulletin.day.isoformat()
    return f"{bulletin.first.isoformat()} — {bulletin.day.isoformat()}"


@register.filter
def tone(bulletin: Bulletin) -> str:
    """Return the tone of its state."""
    return _TONES[bulletin.state]


@register.simple_tag
def step_label(step: str) -> str:
    """Return what a step is called."""
    return str(dict(Step.Name.choices).get(step, ""))


@register.simple_tag
def step_route(bulletin: Bulletin) -> str:
    """Return the address of the next step's deed."""
    return reverse(f"bulletin-{bulletin.next_step}", args=[bulletin.pk])


@register.simple_tag
def changed(places: Mapping[tuple[int, int], Edit], section: int, paragraph: int) -> Edit | None:
    """Return the last edit of a sentence, if any."""
    return places.get((section, paragraph))


@register.simple_tag
def plan_said(plan: Plan) -> str:
    """Say when a kind is written."""
    given = {"h": f"{plan.hour:02d}:00", "d": plan.monthday, "m": plan.kind.month}
    if plan.kind.period == "week":
        return _("每%(w)s %(h)s") % {**given, "w": dict(WEEKDAYS)[plan.weekday or 1]}
    if plan.kind.period == "month":
        return _("每月 %(d)s 日 %(h)s") % given
    if plan.kind.period == "year":
        return _("每年 %(m)s 月 %(d)s 日 %(h)s") % given
    return _("每天 %(h)s") % given
