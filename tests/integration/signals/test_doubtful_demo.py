"""The demo city's own lies and drift are found by a night's inspection, and shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.urls import reverse

from qingyuan import synth
from qingyuan.core.periods import city_date, day_of
from qingyuan.demo.incidents import plan
from qingyuan.demo.opening import doubts
from qingyuan.host.folder import DataFolder
from qingyuan.store.observations import Observations
from qingyuan.synth.tampering import METHODS
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.project import middleware
from qingyuan.web.registry.services import load_city
from qingyuan.web.signals import services
from qingyuan.web.signals.models import Signal


def test_whoever_plays_a_part_is_left_alone_and_the_drift_is_over():
    found = plan(size="demo", seed=1)
    lies, drifts = doubts(found, until=found.city.epoch)
    culprits = {f"outfall:{story.outfall_id}" for story in found.stories}
    sections = {f"section:{story.incident.section_id}" for story in found.stories}
    assert {lie.method for lie in lies} == set(METHODS)
    assert not culprits & {lie.station for lie in lies}
    assert not sections & {drift.station for drift in drifts}
    now = np.array([int(found.city.epoch.timestamp())])
    assert drifts[0].factor_at(now)[0] < 1.1  # the live city goes on without it


@pytest.mark.django_db
def test_a_nights_inspection_of_the_demo_finds_lies(client, tmp_path, settings, monkeypatch):
    """Two of the stations and 52 days, for the sake of time; the demo has all six and 90."""
    found = plan(size="demo", seed=1)
    epoch = found.city.epoch
    lies = [x for x in doubts(found, until=epoch)[0] if x.method in ("replay", "freeze")]
    doubted = {lie.station for lie in lies}
    devices = tuple(d for d in found.city.devices if d.station in doubted)
    city = replace(found.city, devices=devices)
    settings.FOLDER = DataFolder(tmp_path)
    monkeypatch.setattr(middleware._clock, "now", lambda: epoch)
    load_city(city, by=SYSTEM, at=epoch)
    history = synth.history(city, seed=1, days=52, until=epoch, tampering=lies)
    Observations(settings.FOLDER.store).bulk(history, app=("demo-history", 1))

    until = day_of(city_date(epoch)).start
    for station in sorted(doubted):
        services.inspect_station(station, until=until, at=epoch)
    signals = list(Signal.objects.filter(kind="data_integrity"))
    told = {(signal.station, signal.factor) for signal in signals}
    assert told == {(lie.station, lie.factor) for lie in lies}

    client.force_login(User.objects.filter(grants__role="duty_officer").first())
    page = client.get(reverse("integrity")).content.decode()
    for signal in signals:
        assert "需核查" in signal.note
        assert reverse("integrity-doubt", args=[signal.pk]) in page
