"""Django's handle on the app."""

from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    """Bulletins (通报)."""

    name = "qingyuan.web.bulletins"
    label = "bulletins"
    verbose_name = "通报"
    default_auto_field = "django.db.models.BigAutoField"
