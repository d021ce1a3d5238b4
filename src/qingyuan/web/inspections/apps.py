"""Django's handle on the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InspectionsConfig(AppConfig):
    """Inspections (督察交办)."""

    name = "qingyuan.web.inspections"
    label = "inspections"
    verbose_name = "督察"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Implement the effects and marks of the two procedures; bring the list to exchange."""
        from qingyuan.web.cases.effects import register
        from qingyuan.web.cases.selectors.facts import know_marks
        from qingyuan.web.cases.selectors.page import know_home
        from qingyuan.web.inspections.selectors import home, marks
        from qingyuan.web.inspections.services import effects, listing

        know_marks("inspections", marks)
        know_home("inspections", home)
        register("inspections_result", effects.record_result)
        register("inspections_feed_back", effects.feed_back)
        register("inspections_accept", effects.accept)
        register("inspections_refuse", effects.refuse)
        register("inspections_notice", effects.notice)
        register("inspections_close", effects.close)
        register("inspections_plan", effects.plan)
        register("inspections_month", effects.record_month)
        listing.bring()
        self._filter()
        self._navigate()

    def _filter(self) -> None:
        """Let the ledgers show the rows behind the figures of a round or a batch."""
        from django.db.models import Q

        from qingyuan.web.cases.selectors import Filter, know_filter

        item = "inspection_item__"
        for name, label, where in (
            (
                "inspection_round",
                _("督察轮次"),
                lambda v, at: Q(**{f"{item}batch__round__code": v}),
            ),
            (
                "inspection_batch",
                _("督察批次"),
                lambda v, at: Q(**{f"{item}batch_id": int(v) if v.isdecimal() else 0}),
            ),
            (
                "inspection_focus",
                _("重点关注"),
                lambda v, at: Q(**{f"{item}focus": True}) if v == "1" else None,
            ),
        ):
            know_filter(Filter(name, label, "link", where))

    def _navigate(self) -> None:
        """Put the rounds into the bar."""
        from qingyuan.web.accounts.roles import STAFF
        from qingyuan.web.ui import navigation

        navigation.register(
            navigation.NavEntry(
                "inspections",
                _("督察交办"),
                "inspections",
                44,
                roles=STAFF,
                group=_("台账"),
            )
        )
