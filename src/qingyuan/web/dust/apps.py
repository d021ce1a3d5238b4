"""Django's handle on the app."""

from django.apps import AppConfig


class DustConfig(AppConfig):
    """Dust sources (扬尘源)."""

    name = "qingyuan.web.dust"
    label = "dust"
    verbose_name = "扬尘源"
    default_auto_field = "django.db.models.BigAutoField"
