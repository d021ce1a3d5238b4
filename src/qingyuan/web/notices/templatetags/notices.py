"""Bits of the pages of messages."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of_channel(counts: Mapping[int, Mapping[str, int]], channel: int) -> dict[str, int]:
    """Return a channel's counts by state; ``lost`` adds what failed and what expired."""
    found = dict(counts.get(channel, {}))
    found["lost"] = found.get("failed", 0) + found.get("expired", 0)
    return found
