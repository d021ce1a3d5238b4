"""The app, its checks and nothing else."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register


class UiConfig(AppConfig):
    """Templates, tags and static files of every page."""

    name = "qingyuan.web.ui"
    label = "ui"
    verbose_name = "界面"

    def ready(self) -> None:
        """Register the system checks of navigation and assets."""
        from qingyuan.web.ui import checks

        register(checks.navigation_resolves, "ui")
        register(checks.assets_are_built, "ui")
