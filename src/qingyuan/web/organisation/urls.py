"""Addresses of the organisation."""

from django.urls import path, re_path

from qingyuan.web.organisation.views import calendar, duty, groups, structure

urlpatterns = [
    path("organisation/", structure.tree, name="organisation"),
    path("organisation/units/new/", structure.unit, name="unit-new"),
    path("organisation/units/<str:code>/", structure.unit, name="unit"),
    path("organisation/people/new/", structure.person, name="person-new"),
    path("organisation/matrix/", structure.matrix, name="matrix"),
    path(
        "organisation/matrix/<str:district>/<str:matter>/", structure.matrix_row, name="matrix-row"
    ),
    path("organisation/groups/", groups.groups, name="groups"),
    path("organisation/groups/new/", groups.put, name="group-new"),
    path("organisation/groups/<int:pk>/", groups.group, name="group"),
    path("organisation/groups/<int:pk>/edit/", groups.put, name="group-edit"),
    path("organisation/members/<int:pk>/end/", groups.member_end, name="member-end"),
    path("organisation/duty/", duty.duty, name="duty"),
    path("organisation/duty/<int:pk>/hand-over/", duty.hand_over, name="duty-hand-over"),
    path("organisation/duty/<int:pk>/take-over/", duty.take_over, name="duty-take-over"),
    path("organisation/calendar/", calendar.calendar, name="calendar"),
    path("organisation/calendar/<int:pk>/withdraw/", calendar.withdraw, name="calendar-withdraw"),
    path("organisation/absences/", duty.absences, name="absences"),
    re_path(
        r"^organisation/absences/(?P<pk>\d+)/(?P<deed>grant|refuse|end)/$",
        duty.absence_deed,
        name="absence-deed",
    ),
]
