"""Addresses of statistics."""

from django.urls import path

from qingyuan.web.statistics.views import board, leader

urlpatterns = [
    path("statistics/", board.statistics, name="statistics"),
    path("statistics/leader/", leader.leader, name="leader"),
    path("statistics/leader/<str:username>/", leader.vice, name="leader-items"),
]
