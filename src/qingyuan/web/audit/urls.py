"""Addresses of audit."""

from django.urls import path

from qingyuan.web.audit import views

urlpatterns = [
    path("audit/", views.trail, name="audit"),
    path("audit/verify/", views.verify_chain, name="audit-verify"),
]
