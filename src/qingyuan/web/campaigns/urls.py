"""Addresses of the campaigns."""

from django.urls import path

from qingyuan.web.campaigns.views import campaign, district, field, objects, papers

urlpatterns = [
    path("campaigns/", campaign.campaigns, name="campaigns"),
    path("campaigns/add/", campaign.add, name="campaign-add"),
    path("campaigns/teams/<int:pk>/", field.team, name="campaign-team"),
    path("campaigns/teams/<int:pk>/field/", field.field, name="campaign-field"),
    path("campaigns/teams/<int:pk>/place/", field.place, name="campaign-place"),
    path("campaigns/visits/<int:pk>/", field.visit, name="campaign-visit"),
    path("campaigns/visits/<int:pk>/withdraw/", field.withdraw, name="campaign-withdraw"),
    path("campaigns/visits/<int:pk>/photos/<uuid:key>/", field.photo, name="campaign-photo"),
    path("campaigns/<slug:number>/", campaign.campaign, name="campaign"),
    path("campaigns/<slug:number>/change/", campaign.change, name="campaign-change"),
    path("campaigns/<slug:number>/listing/", objects.listing, name="campaign-listing"),
    path("campaigns/<slug:number>/objects/", objects.objects, name="campaign-objects"),
    path("campaigns/<slug:number>/visits/", objects.visits, name="campaign-visits"),
    path("campaigns/<slug:number>/sweep/", objects.sweep, name="campaign-sweep"),
    path("campaigns/<slug:number>/join/", objects.join, name="campaign-join"),
    path("campaigns/<slug:number>/districts/", district.ask, name="campaign-ask"),
    path("campaigns/<slug:number>/districts/<slug:code>/", district.district, name="campaign-district"),
    path("campaigns/<slug:number>/districts/<slug:code>/paper/", district.paper, name="campaign-paper"),
    path("campaigns/<slug:number>/districts/<slug:code>/do/<slug:deed>/", district.deed, name="campaign-deed"),
    path("campaigns/<slug:number>/remind/", district.remind, name="campaign-remind"),
    path("campaigns/<slug:number>/teams/", field.add_team, name="campaign-team-add"),
    path("campaigns/<slug:number>/close/", campaign.close, name="campaign-close"),
    path("campaigns/<slug:number>/files/<slug:what>.<slug:ending>", papers.file, name="campaign-file"),
]  # fmt: skip
