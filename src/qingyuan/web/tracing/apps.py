"""Django's handle on the app."""

from django.apps import AppConfig


class TracingConfig(AppConfig):
    """Tracing (溯源)."""

    name = "qingyuan.web.tracing"
    label = "tracing"
    verbose_name = "溯源"
    default_auto_field = "django.db.models.BigAutoField"
