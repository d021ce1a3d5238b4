"""Django's handle on the app."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Plans (任务分解、巡察整改)."""

    name = "qingyuan.web.plans"
    label = "plans"
    verbose_name = "任务"
    default_auto_field = "django.db.models.BigAutoField"
