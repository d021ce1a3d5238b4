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
    path("targets/", views.targets, name="targets"),
    path("targets/air/", views.target_air, name="target-air"),
    path("targets/section/", views.target_section, name="target-section"),
    path("dust/", views.dust, name="dust"),
    path("dust/decide/", views.dust_decide, name="dust-decide"),
    path("dust/<int:pk>/withdraw/", views.dust_withdraw, name="dust-withdraw"),
    path("rebounds/", views.rebounds, name="rebounds"),
    path("rebounds/interview/", views.interview_record, name="interview-record"),
]
