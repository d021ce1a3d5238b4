"""Addresses of bulletins."""

from django.urls import path

from qingyuan.web.bulletins import views

urlpatterns = [
    path("bulletins/", views.bulletins, name="bulletins"),
    path("bulletins/compose/", views.compose, name="bulletin-compose"),
    path("bulletins/<int:pk>/", views.bulletin, name="bulletin"),
    path("bulletins/<int:pk>/rows/<slug:part>/", views.bulletin_rows, name="bulletin-rows"),
    path("bulletins/<int:pk>/pdf/", views.bulletin_pdf, name="bulletin-pdf"),
    path("bulletins/<int:pk>/publish/", views.bulletin_publish, name="bulletin-publish"),
    path("bulletins/<int:pk>/withdraw/", views.bulletin_withdraw, name="bulletin-withdraw"),
]
