"""Addresses of the map."""

from django.urls import path

from qingyuan.web.atlas import views

urlpatterns = [
    path("map/", views.city_map, name="map"),
    path("river/", views.river_along, name="river-along"),
    path("river/here/", views.river_here, name="river-here"),
    path("atlas/layers/<slug:name>.geojson", views.layer, name="map-layer"),
    path("atlas/cards/<slug:name>/<str:code>/", views.card, name="map-card"),
]
