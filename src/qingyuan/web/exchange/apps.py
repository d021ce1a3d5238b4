"""Django's handle on the app."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Ledgers in and out (台账导入导出)."""

    name = "qingyuan.web.exchange"
    label = "exchange"
    verbose_name = "进出"
    default_auto_field = "django.db.models.BigAutoField"
