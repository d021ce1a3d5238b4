"""Django's handle on the app."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    """Procedures (办案程序)."""

    name = "qingyuan.web.procedures"
    label = "procedures"
    verbose_name = "办案程序"
    default_auto_field = "django.db.models.BigAutoField"
