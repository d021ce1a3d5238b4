"""Addresses of the catalogue."""

from django.urls import path

from qingyuan.web.catalogue import views

urlpatterns = [
    path("catalogue/", views.catalogue, name="catalogue"),
    path("catalogue/<str:name>/", views.dataset, name="catalogue-set"),
]
