"""System checks (启动检查): what would otherwise be seen only as a hole in a page."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.urls import NoReverseMatch, reverse

from qingyuan.web.ui import assets, navigation

__all__ = ["assets_are_built", "navigation_resolves"]


def navigation_resolves(**_: Any) -> list[CheckMessage]:
    """Name every registered entry whose address does not exist."""
    found: list[CheckMessage] = []
    for entry in navigation.entries():
        try:
            reverse(entry.url_name)
        except NoReverseMatch:
            found.append(
                Error(
                    f"navigation entry {entry.name!r} points at {entry.url_name!r}, which is no URL",
                    hint="Register the entry in the app whose urls.py has that name.",
                    id="ui.E001",
                )
            )
    return found


def assets_are_built(**_: Any) -> list[CheckMessage]:
    """Say when the front end has not been built."""
    if assets.manifest():
        return []
    return [
        Warning(
            "the front end is not built: pages will have no style or script",
            hint="cd frontend && npm ci --ignore-scripts && node build.mjs",
            id="ui.W001",
        )
    ]
