"""Addresses of exchange."""

from django.urls import path

from qingyuan.web.exchange.views import bring, take

urlpatterns = [
    path("exchange/", bring.exchange, name="exchange"),
    path("exchange/history/", take.history, name="exchange-history"),
    path("exchange/in/<str:name>/", bring.importer, name="exchange-importer"),
    path("exchange/in/<str:name>/template.xlsx", bring.template, name="exchange-template"),
    path("exchange/imports/<uuid:pk>/", bring.preview, name="exchange-import"),
    path("exchange/imports/<uuid:pk>/live", bring.live, name="exchange-import-live"),
    path("exchange/imports/<uuid:pk>/errors.xlsx", bring.errors, name="exchange-import-errors"),
    path("exchange/imports/<uuid:pk>/confirm/", bring.confirm, name="exchange-import-confirm"),
    path("exchange/imports/<uuid:pk>/withdraw/", bring.withdraw, name="exchange-import-withdraw"),
    path("exchange/imports/<uuid:pk>/again/", bring.again, name="exchange-import-again"),
    path("exchange/out/<str:name>/", take.export, name="exchange-export"),
    path("exchange/files/<uuid:pk>/", take.file, name="exchange-file"),
]
