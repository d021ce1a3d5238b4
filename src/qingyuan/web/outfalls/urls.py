"""Addresses of outfalls."""

from django.urls import path

from qingyuan.web.outfalls.views import ledger, public, record

urlpatterns = [
    path("outfalls/", ledger.outfalls, name="outfalls"),
    path("outfalls/coverage/", ledger.coverage, name="outfalls-coverage"),
    path("outfalls/<str:code>/", record.outfall, name="outfall"),
    path("outfalls/<str:code>/revise/", record.revise, name="outfall-revise"),
    path("outfalls/<str:code>/samples/", record.add_samples, name="outfall-samples"),
    path("outfalls/<str:code>/dischargers/", record.add_discharger, name="outfall-dischargers"),
    path("outfalls/<str:code>/limits/", record.add_limit, name="outfall-limits"),
    path("outfalls/<str:code>/end/", record.end, name="outfall-end"),
    path("outfalls/<str:code>/sign/", record.sign, name="outfall-sign"),
    path("outfall-samples/<int:pk>/withdraw/", record.withdraw, name="outfall-sample-withdraw"),
    path("outfall-dischargers/<int:pk>/end/", record.end_discharger, name="outfall-discharger-end"),
    path("o/<str:token>/", public.sign, name="outfall-public"),
]
