"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """Assessments (评价考核)."""

    name = "qingyuan.web.assessments"
    label = "assessments"
    verbose_name = "评价考核"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put air, water, targets, dust and interviews into the bar."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.ui import navigation

        for name, label, order in (
            ("air", _("空气质量"), 44),
            ("water", _("断面评价"), 45),
            ("targets", _("目标进度"), 46),
            ("dust", _("沙尘认定"), 47),
            ("rebounds", _("反弹与约谈"), 48),
        ):
            navigation.register(
                navigation.NavEntry(name, label, name, order, roles=STAFF, group=_("评价"))
            )
