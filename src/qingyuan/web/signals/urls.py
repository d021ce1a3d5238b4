"""Addresses of signals."""

from django.urls import path

from qingyuan.web.signals.views import console, integrity

urlpatterns = [
    path("signals/", console.console, name="signals"),
    path("signals/live/", console.live, name="signals-live"),
    path("signals/acknowledge/", console.acknowledge_many, name="signals-acknowledge"),
    path("signals/report/", console.report, name="signal-report"),
    path("signals/silences/", console.silences, name="silences"),
    path("signals/silences/<int:pk>/end/", console.end_silence, name="silence-end"),
    path("signals/integrity/", integrity.doubts, name="integrity"),
    path("signals/integrity/<int:pk>/", integrity.doubt, name="integrity-doubt"),
    path("signals/integrity/<int:pk>/check/", integrity.check, name="integrity-check"),
    path("signals/integrity/<int:pk>/rule-out/", integrity.rule_out, name="integrity-rule-out"),
    path("signals/integrity/<int:pk>/case/", integrity.to_case, name="integrity-case"),
    path("signals/<int:pk>/", console.signal, name="signal"),
    path("signals/<int:pk>/acknowledge/", console.acknowledge, name="signal-acknowledge"),
    path("signals/<int:pk>/false/", console.mark_false, name="signal-false"),
    path("signals/<int:pk>/case/", console.to_case, name="signal-case"),
    path("signals/<int:pk>/silence/", console.silence, name="signal-silence"),
]
