"""Addresses of the inspections."""

from django.urls import path

from qingyuan.web.inspections.views import batch, item, look_back, round

urlpatterns = [
    path("inspections/", round.rounds, name="inspections"),
    path("inspections/add/", round.add, name="inspection-round-add"),
    path("inspections/rounds/<slug:code>/", round.round_page, name="inspection-round"),
    path("inspections/rounds/<slug:code>/add/<slug:kind>/", round.record, name="inspection-record"),
    path("inspections/rounds/<slug:code>/bulletin/", batch.bulletin, name="inspection-bulletin"),
    path("inspections/rounds/<slug:code>/look-back/", look_back.draw, name="inspection-draw"),
    path("inspections/batches/<int:pk>/", batch.batch, name="inspection-batch"),
    path("inspections/batches/<int:pk>/assign/", batch.assign, name="inspection-assign"),
    path("inspections/batches/<int:pk>/public/", batch.public, name="inspection-public"),
    path(
        "inspections/batches/<int:pk>/<slug:what>.<slug:ending>", batch.file, name="inspection-file"
    ),
    path("inspections/items/<slug:number>/", item.item, name="inspection-item"),
    path("inspections/items/<slug:number>/public/", item.public_text, name="inspection-text"),
    path("inspections/items/<slug:number>/rules/", item.add_rule, name="inspection-rule"),
    path("inspections/materials/<int:pk>/", round.material, name="inspection-material"),
    path("inspections/look-backs/<int:pk>/", look_back.look_back, name="inspection-look-back"),
    path("inspections/look-back-checks/<int:pk>/", look_back.check, name="inspection-check"),
]
