"""Django's handle on the app."""

from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    """Statistics (办案统计)."""

    name = "qingyuan.web.statistics"
    label = "statistics"
    verbose_name = "统计"
    default_auto_field = "django.db.models.BigAutoField"
