"""Addresses of petitions."""

from django.urls import path

from qingyuan.web.petitions.views import conduct, desk, ledger, public, registers

urlpatterns = [
    path("petitions/", ledger.petitions, name="petitions"),
    path("petitions/intake/", desk.intake, name="petition-intake"),
    path("petitions/intake/<uuid:key>/", desk.report, name="petition-report"),
    path("petitions/reports/<uuid:key>/look/", desk.look, name="petition-look"),
    path("petitions/photos/<int:pk>/", desk.photo, name="petition-photo"),
    path("petitions/packages/", registers.packages, name="petition-packages"),
    path("petitions/backlog/", registers.backlog, name="petition-backlog"),
    path("petitions/backlog/target/", registers.target, name="petition-target"),
    path("petitions/escalations/", registers.escalations, name="petition-escalations"),
    path("petitions/escalations/new/", registers.escalation, name="petition-escalation"),
    path("petitions/escalations/<int:pk>/", registers.stability, name="petition-stability"),
    path("petitions/samples/", registers.samples, name="petition-samples"),
    path("petitions/samples/<int:pk>/", registers.sample, name="petition-sample"),
    path("petitions/look-backs/", registers.look_backs, name="petition-look-backs"),
    path("petitions/figures/", ledger.figures, name="petition-figures"),
    path("petitions/settings/", registers.settings, name="petition-settings"),
    path("petitions/<slug:number>/", ledger.petition, name="petition"),
    path("petitions/<slug:number>/words/", desk.words, name="petition-words"),
    path("petitions/<slug:number>/package/", registers.package, name="petition-package"),
    path("petitions/<slug:number>/key/", registers.list_key, name="petition-key"),
    path("conduct/", conduct.reports, name="conduct-reports"),
    path("conduct/<uuid:key>/", conduct.report, name="conduct-report"),
    path("report/", public.report, name="public-report"),
    path("report/send/", public.send, name="public-report-send"),
    path("report/progress/", public.progress, name="public-progress"),
    path("report/conduct/", public.conduct, name="public-conduct"),
]
