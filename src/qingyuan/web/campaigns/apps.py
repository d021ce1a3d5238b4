"""Django's handle on the app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Campaigns (专项行动)."""

    name = "qingyuan.web.campaigns"
    label = "campaigns"
    verbose_name = "专项行动"
    default_auto_field = "django.db.models.BigAutoField"
