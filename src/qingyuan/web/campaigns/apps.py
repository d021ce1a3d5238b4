"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Campaigns (专项行动)."""

    name = "qingyuan.web.campaigns"
    label = "campaigns"
    verbose_name = "专项行动"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the campaigns into the bar; let ledgers show a campaign's cases; hear their ends."""
        from django.db.models import Q

        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.campaigns.selectors import home
        from qingyuan.web.campaigns.services.returning import tell_finder
        from qingyuan.web.cases.effects.results import know_discoverer
        from qingyuan.web.cases.models import CaseThing
        from qingyuan.web.cases.selectors import Filter, know_filter
        from qingyuan.web.cases.selectors.page import know_home
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry(
                "campaigns", _("专项行动"), "campaigns", 45, roles=STAFF, group=_("台账")
            )
        )
        know_home("cases", home)
        know_discoverer("campaign", tell_finder)

        def where(value: str, at: object) -> Q:
            held = CaseThing.objects.filter(kind="campaign", ref=value)
            return Q(pk__in=held.values("case_id"))

        know_filter(Filter("campaign", _("专项行动"), "link", where))
