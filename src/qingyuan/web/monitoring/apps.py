"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_SEEN_BESIDES = {"sources": frozenset({"system_admin"}), "packets": frozenset({"system_admin"})}


class MonitoringConfig(AppConfig):
    """Monitoring (监测)."""

    name = "qingyuan.web.monitoring"
    label = "monitoring"
    verbose_name = "监测"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put sections, sources and quarantine into the bar; tell of declared stops."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.ui import navigation

        for name, label, order in (
            ("sections", pgettext_lazy("plural", "断面"), 50),
            ("enterprises", pgettext_lazy("plural", "企业"), 52),
            ("sources", _("数据来源"), 53),
            ("quarantine", _("隔离区"), 54),
            ("packets", _("报文解读"), 55),
        ):
            roles = frozenset(STAFF) | _SEEN_BESIDES.get(name, frozenset())
            if name == "quarantine":
                roles = frozenset({"duty_officer", "department_head", "system_admin"})
            navigation.register(
                navigation.NavEntry(name, label, name, order, roles=roles, group=_("监测"))
            )
        _tell_of_stops()


def _tell_of_stops() -> None:
    """Let the data-quality inspection know when a station was declared to stand still (停产)."""
    from qingyuan.core.periods import Period
    from qingyuan.web.monitoring.selectors.completeness import stops_of
    from qingyuan.web.signals.services import know_stops

    def stops(station: str, period: Period) -> list[Period]:
        return [Period(*span) for span in stops_of([station], period).get(station, ())]

    know_stops(stops)
