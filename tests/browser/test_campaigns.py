"""The campaigns' screens: list, campaign, district, team, listing; the phone in the field."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign_town import CampaignTown, build_campaign_town
from qingyuan.web.campaigns.models import Team


@pytest.fixture
def place(db, tmp_path, settings, monkeypatch) -> CampaignTown:
    """A campaign in two districts: one problem found, one object still to visit."""
    from qingyuan.host.citytime import CityClock
    from qingyuan.host.folder import DataFolder

    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    made = build_campaign_town()
    made.listed()
    for district, person in (("379901", "east1"), ("379902", "west1")):
        made.asked(district, person)
    visits = made.planned(made.team("police1", "east1", unit=made.police))
    made.found(visits["E1"])
    made.town.at += timedelta(days=7)
    monkeypatch.setattr(CityClock, "now", lambda _: made.town.at)
    return made


SCREENS = {
    "desk": (
        {},
        (
            "",
            "{number}/",
            "{number}/districts/379901/",
            "teams/{team}/",
            "{number}/listing/",
            "{number}/objects/",
            "{number}/close/",
        ),
    ),
    "phone": (
        {"size": "phone"},
        ("", "{number}/", "teams/{team}/field/", "visits/{todo}/", "visits/{done}/"),
    ),
    "en": ({"language": "en"}, ("", "{number}/", "teams/{team}/", "{number}/visits/")),
}


@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_is_accessible_and_fits(signed_in, picture, place, name):
    team = Team.objects.get()
    todo, done = team.visits.get(done_at=None), team.visits.exclude(done_at=None).get()
    how, paths = SCREENS[name]
    tab = signed_in("duty" if name == "phone" else "head", **how)
    for path in paths:
        said = path.format(number=place.campaign.number, team=team.pk, todo=todo.pk, done=done.pk)
        assert tab.go(f"/campaigns/{said}").status == 200
        tab.accessible()
        tab.fits()
        picture(tab, f"campaigns-{said.replace('/', '-')}{name}")
    tab.clean()
