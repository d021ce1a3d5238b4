"""Addresses of signals."""

from django.urls import path

from qingyuan.web.signals import views

urlpatterns = [
    path("signals/", views.console, name="signals"),
    path("signals/live/", views.live, name="signals-live"),
    path("signals/acknowledge/", views.acknowledge_many, name="signals-acknowledge"),
    path("signals/report/", views.report, name="signal-report"),
    path("signals/silences/", views.silences, name="silences"),
    path("signals/silences/<int:pk>/end/", views.end_silence, name="silence-end"),
    path("signals/<int:pk>/", views.signal, name="signal"),
    path("signals/<int:pk>/acknowledge/", views.acknowledge, name="signal-acknowledge"),
    path("signals/<int:pk>/false/", views.mark_false, name="signal-false"),
    path("signals/<int:pk>/case/", views.to_case, name="signal-case"),
    path("signals/<int:pk>/silence/", views.silence, name="signal-silence"),
]
