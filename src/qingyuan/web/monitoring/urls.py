"""Addresses of monitoring."""

from django.urls import path

from qingyuan.web.monitoring.views import (
    device_deeds,
    devices,
    dischargers,
    packets,
    rules,
    sections,
)

urlpatterns = [
    path("sections/", sections.sections, name="sections"),
    path("sections/<str:code>/", sections.section, name="section"),
    path("sections/<str:code>/series.json", sections.section_series, name="section-series"),
    path("outfalls/<str:code>/online/", dischargers.outfall_online, name="outfall-online"),
    path("enterprises/", dischargers.enterprises, name="enterprises"),
    path("enterprises/<str:code>/", dischargers.enterprise, name="enterprise"),
    path("packets/", packets.packets, name="packets"),
    path("sources/", devices.sources, name="sources"),
    path("sources/export/", devices.export, name="sources-export"),
    path("sources/rules/", rules.rules, name="rules"),
    path("sources/rules/publish/", rules.publish, name="rules-publish"),
    path("sources/quarantine/", packets.quarantine, name="quarantine"),
    path("sources/quarantine/accept/", device_deeds.accept_device, name="device-accept"),
    path(
        "sources/quarantine/<int:segment>/<int:offset>/",
        packets.quarantined,
        name="quarantine-packet",
    ),
    path("sources/devices/<str:mn>/", devices.device, name="device"),
    path("sources/devices/<str:mn>/live/", devices.device_live, name="device-live"),
    path("sources/devices/<str:mn>/month/", devices.month, name="device-month"),
    path("sources/devices/<str:mn>/record/", device_deeds.edit, name="device-edit"),
    path(
        "sources/devices/<str:mn>/proposal/", device_deeds.accept_proposal, name="device-proposal"
    ),
    path("sources/devices/<str:mn>/mark/", device_deeds.mark, name="device-mark"),
    path("sources/devices/<str:mn>/command/<str:cn>/", device_deeds.command, name="device-command"),
    path("sources/commands/<int:pk>/cancel/", device_deeds.cancel, name="command-cancel"),
    path("sources/marks/<int:pk>/end/", device_deeds.end_mark, name="mark-end"),
    path("sources/marks/<int:pk>/withdraw/", device_deeds.withdraw_mark, name="mark-withdraw"),
    path("sources/marks/<int:pk>/evidence/", devices.evidence, name="mark-evidence"),
]
