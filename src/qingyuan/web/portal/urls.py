"""Addresses of the portal."""

from django.urls import path

from qingyuan.web.portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
]
