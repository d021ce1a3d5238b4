"""Addresses of monitoring."""

urlpatterns: list = []
