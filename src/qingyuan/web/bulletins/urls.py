"""Addresses of bulletins."""

from django.urls import path

from qingyuan.web.bulletins import views

urlpatterns = [
    path("bulletins/", views.bulletins, name="bulletins"),
    path("bulletins/compose/", views.compose, name="bulletin-compose"),
    path("bulletins/ranking/", views.ranking, name="bulletin-ranking"),
    path("bulletins/slips/", views.slips, name="bulletin-slips"),
    path("bulletins/schedule/<slug:kind>/", views.schedule, name="bulletin-schedule"),
    path("bulletins/registers/<slug:name>/", views.register, name="bulletin-register"),
    path("bulletins/rows/<int:pk>/", views.register_row, name="bulletin-register-row"),
    path("bulletins/rows/<int:pk>/end/", views.register_end, name="bulletin-register-end"),
    path("bulletins/<int:pk>/", views.bulletin, name="bulletin"),
    path("bulletins/<int:pk>/rows/<slug:table>/", views.bulletin_rows, name="bulletin-rows"),
    path("bulletins/<int:pk>/pdf/", views.bulletin_pdf, name="bulletin-pdf"),
    path("bulletins/<int:pk>/docx/", views.bulletin_docx, name="bulletin-docx"),
    path("bulletins/<int:pk>/text/", views.bulletin_text, name="bulletin-text"),
    path("bulletins/<int:pk>/edit/", views.bulletin_edit, name="bulletin-edit"),
    path("bulletins/<int:pk>/review/", views.bulletin_review, name="bulletin-review"),
    path("bulletins/<int:pk>/sign/", views.bulletin_sign, name="bulletin-sign"),
    path("bulletins/<int:pk>/publish/", views.bulletin_publish, name="bulletin-publish"),
    path("bulletins/<int:pk>/return/", views.bulletin_return, name="bulletin-return"),
    path("bulletins/<int:pk>/correct/", views.bulletin_correct, name="bulletin-correct"),
    path("bulletins/<int:pk>/withdraw/", views.bulletin_withdraw, name="bulletin-withdraw"),
]
