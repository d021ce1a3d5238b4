"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """Interface for other systems (开放接口)."""

    name = "qingyuan.web.api"
    label = "api"
    verbose_name = "开放接口"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the tokens into the administrators' bar."""
        from qingyuan.web.accounts.roles import ADMIN_CLASSES
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry("api-tokens", _("接口令牌"), "api-tokens", 85, roles=ADMIN_CLASSES)
        )
