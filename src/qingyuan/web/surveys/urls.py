"""Addresses of surveys."""

from django.urls import path

from qingyuan.web.surveys import views

urlpatterns = [
    path("surveys/", views.road_map, name="surveys"),
    path("surveys/roads.geojson", views.roads, name="surveys-roads"),
    path("surveys/hours.json", views.hours, name="surveys-hours"),
    path("surveys/spots.geojson", views.spot_layer, name="surveys-spots"),
    path("surveys/hotspots/", views.hotspots, name="hotspots"),
    path("surveys/hotspots/<str:code>/", views.hotspot, name="hotspot"),
    path("surveys/hotspots/<str:code>/card/", views.card, name="hotspot-card"),
    path("surveys/hotspots/<str:code>/slip/", views.issue, name="hotspot-slip"),
    path("surveys/slips/", views.slips, name="survey-slips"),
    path("surveys/slips/<int:pk>.<str:kind>", views.slip_paper, name="survey-slip-file"),
    path("surveys/ranking/", views.ranking, name="survey-ranking"),
    path("surveys/ranking/<int:pk>/override/", views.name_stretch, name="survey-override"),
    path(
        "surveys/ranking/override/<int:pk>/withdraw/",
        views.withdraw_naming,
        name="survey-override-withdraw",
    ),
    path("surveys/vehicles/", views.vehicles, name="survey-vehicles"),
    path("surveys/vehicles/<str:device>/", views.vehicle, name="survey-vehicle"),
    path("surveys/data/", views.runs, name="survey-runs"),
    path("surveys/data/upload/", views.upload, name="survey-upload"),
    path("surveys/data/network/", views.network, name="survey-network"),
    path("surveys/data/<str:day>/again/", views.run_again, name="survey-run-again"),
]
