"""Django's handle on the app."""

from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    """Petitions (信访举报)."""

    name = "qingyuan.web.petitions"
    label = "petitions"
    verbose_name = "信访"
    default_auto_field = "django.db.models.BigAutoField"
