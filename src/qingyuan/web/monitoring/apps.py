"""Django's handle on the app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Monitoring (监测)."""

    name = "qingyuan.web.monitoring"
    label = "monitoring"
    verbose_name = "监测"
    default_auto_field = "django.db.models.BigAutoField"
