"""How templates name a role."""

from django import template

from qingyuan.web.accounts.roles import roles

register = template.Library()


@register.filter
def role_label(name: str) -> str:
    """Return the role's name in the reader's language."""
    return roles()[name].label
