"""Addresses of dust sources."""

from django.urls import path

from qingyuan.web.dust.views import leads, rounds, sites, tasks

urlpatterns = [
    path("dust-sources/", sites.sites, name="dust-sites"),
    path("dust-sources/new/", sites.add, name="dust-site-add"),
    path("dust-sources/sites/<slug:code>/", sites.site, name="dust-site"),
    path("dust-sources/sites/<slug:code>/revise/", sites.revise, name="dust-site-revise"),
    path("dust-sources/sites/<slug:code>/case/", sites.open_case, name="dust-site-case"),
    path("dust-sources/leads/", leads.leads, name="dust-leads"),
    path("dust-sources/lead-pictures/", leads.pictures, name="dust-lead-pictures"),
    path("dust-sources/leads/<slug:code>/", leads.lead, name="dust-lead"),
    path("dust-sources/leads/<slug:code>/check/", leads.check, name="dust-lead-check"),
    path("dust-sources/leads/<slug:code>/site/", leads.to_site, name="dust-lead-site"),
    path("dust-sources/leads/<slug:code>/case/", leads.to_case, name="dust-lead-case"),
    path("dust-sources/leads/<slug:code>/<slug:which>.webp", leads.picture, name="dust-lead-file"),
    path("dust-sources/rounds/", rounds.rounds, name="dust-rounds"),
    path("dust-sources/new-round/", rounds.add, name="dust-round-add"),
    path("dust-sources/rounds/<slug:code>/", rounds.round_page, name="dust-round"),
    path(
        "dust-sources/rounds/<slug:code>/hand-over/", rounds.hand_over, name="dust-round-hand-over"
    ),
    path("dust-sources/visits/<int:pk>/", rounds.visit, name="dust-visit"),
    path("dust-sources/checks/<int:pk>/photo.webp", rounds.photo, name="dust-visit-file"),
    path("dust-sources/task/", tasks.task, name="dust-task"),
    path("dust-sources/departments/", tasks.departments_page, name="dust-departments"),
    path("dust-sources/duties/", tasks.duty, name="dust-duty"),
    path("dust-sources/seats/", tasks.seat, name="dust-seat"),
]
