"""Django's handle on the app."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """Organisation (机构与人员)."""

    name = "qingyuan.web.organisation"
    label = "organisation"
    verbose_name = "机构与人员"
    default_auto_field = "django.db.models.BigAutoField"
