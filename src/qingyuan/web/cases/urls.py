"""Addresses of cases."""

from django.urls import path

from qingyuan.web.cases.views import batch, book, case, enterprise, hazards, ledger, links, opening

urlpatterns = [
    path("cases/", ledger.ledger, name="ledger"),
    path("cases/export.xlsx", ledger.export, name="ledger-export"),
    path("cases/views/", ledger.keep_view, name="ledger-views"),
    path("cases/columns/", ledger.keep_columns, name="ledger-columns"),
    path("cases/batch/", batch.batch, name="ledger-batch"),
    path("cases/open/", opening.open_by_hand, name="case-open"),
    path("cases/hazards/", hazards.hazards, name="hazards"),
    path("cases/hazards/layer.geojson", hazards.layer, name="hazards-layer"),
    path("cases/hazards/export.xlsx", hazards.export, name="hazards-export"),
    path("cases/<slug:number>/", case.case, name="case"),
    path("cases/<slug:number>/live/", case.case_live, name="case-live"),
    path("cases/<slug:number>/do/<slug:deed>/", case.deed, name="case-deed"),
    path("cases/<slug:number>/urge/", case.urge, name="case-urge"),
    path("cases/<slug:number>/undo/", case.undo, name="case-undo"),
    path("cases/<slug:number>/links/", links.links, name="case-links"),
    path("cases/<slug:number>/book.pdf", book.book, {"ending": "pdf"}, name="case-book"),
    path("cases/<slug:number>/book.docx", book.book, {"ending": "docx"}, name="case-book-docx"),
    path("cases/<slug:number>/files/<uuid:key>/", case.file, name="case-file"),
    path("my/cases/", enterprise.inbox, name="my-cases"),
    path("my/cases/<slug:number>/", enterprise.case, name="my-case"),
    path("my/cases/<slug:number>/do/<slug:deed>/", enterprise.deed, name="my-case-deed"),
    path("my/cases/<slug:number>/book.pdf", book.my_book, name="my-case-book"),
    path("my/cases/<slug:number>/files/<uuid:key>/", enterprise.file, name="my-case-file"),
]
