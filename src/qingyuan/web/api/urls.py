"""Addresses of the interface."""

from django.urls import path

from qingyuan.web.api import views

urlpatterns = [
    path("api/v1/observations", views.observations, name="api-observations"),
    path("api/v1/fixes", views.fixes, name="api-fixes"),
    path("api/tokens/", views.tokens, name="api-tokens"),
    path("api/tokens/issue/", views.issue_token, name="api-token-issue"),
    path("api/tokens/<int:pk>/revoke/", views.revoke_token, name="api-token-revoke"),
]
