"""Which app answers which address. An app that has ``urls.py`` is included; nothing else is."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from qingyuan.web.project import views

urlpatterns = [
    path("health", views.health, name="health"),
    path("favicon.ico", views.favicon, name="favicon"),
    *[
        path("", include(f"qingyuan.web.{name}.urls"))
        for name in settings.BUILT_APPS
        if find_spec(f"qingyuan.web.{name}.urls")
    ],
]
if settings.DEMO:
    urlpatterns.append(path("demo/advance/", views.demo_advance, name="demo-advance"))

handler400 = "qingyuan.web.project.views.bad_request"
handler403 = "qingyuan.web.project.views.forbidden"
handler404 = "qingyuan.web.project.views.not_found"
handler500 = "qingyuan.web.project.views.server_error"
