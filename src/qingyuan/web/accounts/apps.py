"""Django's handle on the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts (账户)."""

    name = "qingyuan.web.accounts"
    label = "accounts"
    verbose_name = "组织与账户"
    default_auto_field = "django.db.models.BigAutoField"
