"""Addresses of monitoring."""

from django.urls import path

from qingyuan.web.monitoring.views import dischargers, rules, sections, sources

urlpatterns = [
    path("sections/", sections.sections, name="sections"),
    path("sections/<str:code>/", sections.section, name="section"),
    path("sections/<str:code>/series.json", sections.section_series, name="section-series"),
    path("outfalls/", dischargers.outfalls, name="outfalls"),
    path("outfalls/<str:code>/", dischargers.outfall, name="outfall"),
    path("enterprises/", dischargers.enterprises, name="enterprises"),
    path("enterprises/<str:code>/", dischargers.enterprise, name="enterprise"),
    path("sources/rules/", rules.rules, name="rules"),
    path("sources/rules/publish/", rules.publish, name="rules-publish"),
    path("sources/", sources.sources, name="sources"),
    path("sources/quarantine/", sources.quarantine, name="quarantine"),
]
