"""Addresses of procedures."""

from django.urls import path

from qingyuan.web.procedures.views import drafting, reading

urlpatterns = [
    path("procedures/", reading.procedures, name="procedures"),
    path("procedures/new/", drafting.new, name="procedure-new"),
    path("procedures/<str:name>/", reading.procedure, name="procedure"),
    path("procedures/<str:name>/versions/<int:pk>/", reading.version, name="procedure-version"),
    path("procedures/<str:name>/versions/<int:pk>/move/", drafting.move, name="procedure-move"),
    path("procedures/<str:name>/draft/begin/", drafting.begin, name="procedure-begin"),
    path("procedures/<str:name>/draft/", drafting.draft, name="procedure-draft"),
    path("procedures/<str:name>/draft/drop/", drafting.drop, name="procedure-drop"),
    path("procedures/<str:name>/draft/publish/", drafting.publish, name="procedure-publish"),
]
