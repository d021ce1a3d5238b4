"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationConfig(AppConfig):
    """Organisation (机构与人员)."""

    name = "qingyuan.web.organisation"
    label = "organisation"
    verbose_name = "机构与人员"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the pages into the bar, the tables people bring into the exchange; offer the groups."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.campaigns.selectors import know_groups
        from qingyuan.web.organisation import exchange  # noqa: F401 -- registers its tables
        from qingyuan.web.organisation.selectors import serving
        from qingyuan.web.ui import navigation

        know_groups(serving)
        for name, label, order, roles in (
            ("organisation", _("组织树"), 90, (*STAFF, "system_admin", "security_admin")),
            ("duty", _("值班"), 91, STAFF),
            ("groups", _("专班"), 92, STAFF),
            ("matrix", _("责任矩阵"), 93, STAFF),
            ("calendar", _("工作日历"), 95, (*STAFF, "system_admin")),
            ("absences", _("离岗代行"), 94, (*STAFF, "security_admin")),
        ):
            navigation.register(
                navigation.NavEntry(name, label, name, order, roles=roles, group=_("机构"))
            )
