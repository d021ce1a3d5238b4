"""Addresses of the map."""

from django.urls import path

from qingyuan.web.atlas import views

urlpatterns = [
    path("map/", views.city_map, name="map"),
    path("atlas/layers/<slug:name>.geojson", views.layer, name="map-layer"),
    path("atlas/cards/<slug:name>/<str:code>/", views.card, name="map-card"),
]
