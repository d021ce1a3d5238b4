"""Addresses of notices."""

from django.urls import path

from qingyuan.web.notices import views

urlpatterns = [
    path("notices/", views.inbox, name="notices"),
    path("notices/read/", views.read_all, name="notices-read"),
    path("notices/<int:pk>/", views.open_notice, name="notice-open"),
]
