"""How templates write a document's runs and cells."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qingyuan.reporting import Cell, Table, Text
from qingyuan.web.bulletins.links import address_of
from qingyuan.web.bulletins.models import Bulletin

register = template.Library()


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
