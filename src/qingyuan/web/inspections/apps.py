"""Django's handle on the app."""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Inspections (督察交办)."""

    name = "qingyuan.web.inspections"
    label = "inspections"
    verbose_name = "督察"
    default_auto_field = "django.db.models.BigAutoField"
