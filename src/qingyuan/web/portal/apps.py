"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Portal (门户)."""

    name = "qingyuan.web.portal"
    label = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        """Put the workbench and the administrators' pages into the bar."""
        from qingyuan.web.accounts.roles import ADMIN_CLASSES, STAFF
        from qingyuan.web.ui.navigation import NavEntry, register

        register(NavEntry("home", _("工作台"), "home", 10, roles=STAFF, phone=True, icon="home"))
        register(NavEntry("people", _("组织与人员"), "people", 80, roles=ADMIN_CLASSES))
        register(NavEntry("access", _("访问规则"), "access-table", 81, roles=ADMIN_CLASSES))
        register(NavEntry("audit", _("审计记录"), "audit", 82, roles=("audit_admin",)))
