"""Addresses of tracing."""

from django.urls import path

from qingyuan.web.tracing import views

urlpatterns = [
    path("trace/<int:pk>/", views.trace_page, name="trace"),
    path("trace/<int:pk>/live/", views.trace_state, name="trace-live"),
    path("trace/<int:pk>/again/", views.trace_again, name="trace-again"),
    path("trace/<int:pk>/case/", views.trace_case, name="trace-case"),
    path("trace/<int:pk>/sample/", views.trace_sample, name="trace-sample"),
    path("trace/<int:pk>/suspects.geojson", views.trace_suspects, name="trace-suspects"),
    path("trace/<int:pk>/rivers.geojson", views.trace_rivers, name="trace-rivers"),
    path("trace/<int:pk>/plume.geojson", views.trace_plume, name="trace-plume"),
    path("trace/<int:pk>/why/", views.trace_why, name="trace-why"),
    path("trace/<int:pk>/round/", views.trace_round, name="trace-round"),
    path("trace/<int:pk>/event.zip", views.trace_folder, name="trace-folder"),
    path("trace/<int:pk>/report.<str:kind>", views.trace_report, name="trace-report"),
    path("trace/<int:pk>/answer.json", views.trace_answer, name="trace-answer"),
]
