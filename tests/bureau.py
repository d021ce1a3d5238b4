"""The four-node town as a bureau: its river, its front doors, its clock, its people (for stories).

Stations send HJ 212 over TCP to the gateway, the gateway writes journal and store, the worker's own
functions read them, its queued jobs are run as they were queued, and people act on pages through
Django's test client. Only the clock is the story's.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob

from qingyuan import synth
from qingyuan.cities import read_city, shipped_city
from qingyuan.demo.pictures import picture
from qingyuan.gateway.server import Gateway
from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.store.observations import Observations
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.cases.models import Case
from qingyuan.web.monitoring.worker import Worker
from qingyuan.web.registry import services as registry

__all__ = ["Bureau", "Person"]

HISTORY_DAYS = 2


@dataclass
class Person:
    """Someone at a desk or with a phone; what they do is a request to a page."""

    name: str
    bureau: Bureau

    def __post_init__(self) -> None:
        self._browser = Client()
        self._browser.force_login(User.objects.get(username=self.name))

    def sees(self, address: str, *words: str, absent: tuple[str, ...] = ()) -> str:
        """Open a page, expect these words on it, and return its text."""
        answer = self._browser.get(address)
        assert answer.status_code == 200, (self.name, address, answer.status_code)
        text = unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
        for word in words:
            assert word in text, f"{word!r} is not on {address}"
        for word in absent:
            assert word not in text, f"{word!r} is on {address}"
        return text

    def gets(self, address: str) -> Any:
        """Return the raw answer, whatever it is."""
        return self._browser.get(address)

    def may_not_see(self, address: str) -> None:
        """Expect that for this person the page does not exist."""
        assert self._browser.get(address).status_code == 404, (self.name, address)

    def sends(self, address: str, **given: Any) -> str:
        """Send a form that is accepted; return the address it leads to."""
        answer = self._browser.post(address, given)
        errors = re.findall(r'class="qy-error"[^>]*>([^<]+)<', answer.content.decode())
        assert answer.status_code == 302, (self.name, address, answer.status_code, errors)
        return str(answer["Location"])

    def is_refused(self, address: str, *words: str, status: int = 422, **given: Any) -> None:
        """Send a form that is not accepted, and read why."""
        answer = self._browser.post(address, given)
        assert answer.status_code == status, (self.name, address, answer.status_code)
        text = unescape(answer.content.decode())
        for word in words:
            assert word in text, f"{word!r} is not said on {address}"

    def does(self, deed: str, case: Case, *evidence: str, **given: Any) -> Case:
        """Do one deed on a case through its form, an hour after the last."""
        self.bureau.at += timedelta(hours=1)
        phone = User.objects.get(username=self.name).enterprise_code
        route = "my-case-deed" if phone else "case-deed"
        files = {f"evidence_{kind}": self.bureau.photo(kind, case) for kind in evidence}
        self.sends(reverse(route, args=[case.number, deed]), **given, **files)
        return Case.objects.get(pk=case.pk)


class Bureau:
    """The town from 08:30 on; ``at`` is city time and moves only when the story says so."""

    def __init__(self, path: Path, *, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = settings.FOLDER = DataFolder(path).create("city")
        self.city = read_city(shipped_city("four_nodes"))
        assert self.city.epoch is not None
        self.at = began = self.city.epoch
        monkeypatch.setattr(CityClock, "now", lambda _: self.at)
        registry.load_city(self.city, by=SYSTEM, at=began - timedelta(days=HISTORY_DAYS))
        registry.publish_devices(self.folder.devices, at=began)
        (self.incident,) = synth.incidents(self.city, seed=1, epoch=began, past=False)
        history = synth.history(
            self.city, seed=1, days=HISTORY_DAYS, until=began, releases=[self.incident.release]
        )
        Observations(self.folder.store).bulk(history, app=("history", 1))
        world = synth.World(self.city, seed=1, start=began, releases=[self.incident.release])
        self._fleet = synth.Fleet(world, self.city.devices, now=lambda: self.at, since=began)
        self._worker = Worker(self.folder, CityClock(self.folder), monotonic=lambda: 0.0)
        self._people: dict[str, Person] = {}

    def __getattr__(self, name: str) -> Person:
        """Return a person of the town by account."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._people:
            self._people[name] = Person(name, self)
        return self._people[name]

    def photo(self, kind: str, case: Case) -> SimpleUploadedFile:
        """Return a picture as a phone would upload it."""
        drawn = picture(kind, case=case.number, at=self.at)
        return SimpleUploadedFile(f"{kind}.jpg", drawn, "image/jpeg")

    def passes(self, **time: float) -> None:
        """Let time pass: the stations send what came due, the platform takes it in."""
        self.at += timedelta(**time)
        asyncio.run(asyncio.wait_for(self._send(), 40))
        while self._worker.tick().more:
            pass
        self._work()

    async def _send(self) -> None:
        gateway = Gateway(self.folder.path, clock=lambda: self.at, commit_every=0.05)
        host, port = await gateway.start(("127.0.0.1", 0))
        sending = asyncio.create_task(self._fleet.run(host, port))
        try:
            while not all(s.idle and s.after >= self.at for s in self._fleet.stations):
                await asyncio.sleep(0.05)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await gateway.stop()

    def _work(self) -> None:
        """Do the queued jobs as the worker does: by name, with the arguments they were given."""
        done = self._done = getattr(self, "_done", set())
        for job in ProcrastinateJob.objects.exclude(pk__in=done).order_by("pk"):
            done.add(job.pk)
            jobs.tasks[job.task_name].func(**job.args)

    @property
    def acknowledged(self) -> int:
        """How many packets the gateway has acknowledged to the stations."""
        return sum(s.acknowledged for s in self._fleet.stations)
