"""Addresses of dust sources."""

from django.urls import path

from qingyuan.web.dust.views import leads, rounds, sites, tasks

urlpatterns = [
    path("dust/", sites.sites, name="dust-sites"),
    path("dust/new/", sites.add, name="dust-site-add"),
    path("dust/sites/<slug:code>/", sites.site, name="dust-site"),
    path("dust/sites/<slug:code>/revise/", sites.revise, name="dust-site-revise"),
    path("dust/sites/<slug:code>/case/", sites.open_case, name="dust-site-case"),
    path("dust/leads/", leads.leads, name="dust-leads"),
    path("dust/lead-pictures/", leads.pictures, name="dust-lead-pictures"),
    path("dust/leads/<slug:code>/", leads.lead, name="dust-lead"),
    path("dust/leads/<slug:code>/check/", leads.check, name="dust-lead-check"),
    path("dust/leads/<slug:code>/site/", leads.to_site, name="dust-lead-site"),
    path("dust/leads/<slug:code>/case/", leads.to_case, name="dust-lead-case"),
    path("dust/leads/<slug:code>/<slug:which>.webp", leads.picture, name="dust-lead-file"),
    path("dust/rounds/", rounds.rounds, name="dust-rounds"),
    path("dust/new-round/", rounds.add, name="dust-round-add"),
    path("dust/rounds/<slug:code>/", rounds.round_page, name="dust-round"),
    path("dust/rounds/<slug:code>/hand-over/", rounds.hand_over, name="dust-round-hand-over"),
    path("dust/visits/<int:pk>/", rounds.visit, name="dust-visit"),
    path("dust/checks/<int:pk>/photo.webp", rounds.photo, name="dust-visit-file"),
    path("dust/task/", tasks.task, name="dust-task"),
    path("dust/departments/", tasks.departments_page, name="dust-departments"),
    path("dust/seats/", tasks.seat, name="dust-seat"),
]
