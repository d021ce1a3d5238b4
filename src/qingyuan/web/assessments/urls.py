"""Addresses of assessments."""

from django.urls import path

from qingyuan.web.assessments import views

urlpatterns = [
    path("air/", views.air, name="air"),
    path("air/stations.geojson", views.air_layer, name="air-layer"),
    path("air/<slug:kind>/<str:code>/", views.air_place, name="air-place"),
    path("water/", views.water, name="water"),
    path("water/<str:code>/", views.water_section, name="water-section"),
    path("figures/<slug:kind>/", views.figure, name="figure"),
]
