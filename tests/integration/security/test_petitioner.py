"""Who reported stays unknown (product.md §7.2): planted in every field, looked for everywhere.

The crawls of ``test_canary`` meet the same marks as enterprise, other district and audit
administrator; here come the public, staff without the duty, what is stored, and what is logged.
"""

from __future__ import annotations

import logging

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve, reverse

from petition_desk import picture_with_secrets
from qingyuan.web.accounts.access import allows
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.audit.models import Entry
from qingyuan.web.notices.models import Notice
from qingyuan.web.petitions import seal, services
from qingyuan.web.petitions.models import Report, ReportPhoto
from qingyuan.web.petitions.models.report import CONTACT

from .rooms.petitions import secret
from .test_canary import _text
from .test_matrix import routes
from .world import ROUTES_WITHOUT_OBJECTS, World, examples

PERSONAL = [
    secret(side, what)
    for side in ("east", "west")
    for what in (*CONTACT, "text", "place", "filename", "exif")
]
PERSONS = [m for m in PERSONAL if not m.endswith((".text·", ".place·"))]
_SKIPPED = {"sign-out", "set-language"}


def sweep(
    world: World, client: Client, held: frozenset[str] | None, username: str
) -> dict[str, str]:
    """Open every address a person may, with the objects of both sides; return what was said."""
    seen: dict[str, str] = {}
    user = world.user(username)
    held_by_side = [examples(world, side, user) for side in (world.east, world.west)]
    for given in held_by_side:
        for route in sorted(set(routes()) - _SKIPPED):
            if not allows(route, "GET", held):
                continue
            objects = [()] if route in ROUTES_WITHOUT_OBJECTS else given.get(route, [])[:2]
            for args in objects:
                address = reverse(route, args=args)
                if address not in seen:
                    seen[address] = _text(client.get(address))
    return seen


def test_nobody_meets_who_reported(world: World, subtests: pytest.Subtests) -> None:
    """As the public, as staff without the duty, as the desk before it looks."""
    for username in ("", "second", "duty"):
        client, held = Client(raise_request_exception=False), None
        if username:
            client.force_login(world.user(username))
            held = role_names(world.user(username), on=world.town.at.date())
        with subtests.test(username=username or "public"):
            with transaction.atomic():  # what an export leaves behind is undone
                seen = sweep(world, client, held, username or "ent1")
                transaction.set_rollback(True)
            words = PERSONS if username == "duty" else PERSONAL  # the desk registers from the words
            assert not [f"{a}: {m}" for a, said in seen.items() for m in words if m in said]
            opened = {name for name in routes() if allows(name, "GET", held)} - _SKIPPED
            assert len({resolve(a.partition("?")[0]).view_name for a in seen}) >= 0.9 * len(opened)
            if username:
                assert any(secret("east", "inspector") in said for said in seen.values())


def test_nothing_kept_names_who_reported(
    world: World, subtests: pytest.Subtests, caplog: pytest.LogCaptureFixture
) -> None:
    """The database, the pictures, the audit trail, the notices, the logs."""
    with subtests.test("database"):
        met = []
        for model in apps.get_models():
            table = connection.ops.quote_name(model._meta.db_table)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT t::text FROM {table} t")
                met += [
                    f"{model._meta.label} {m}"
                    for (row,) in cursor.fetchall()
                    for m in PERSONAL
                    if m in row
                ]
        assert not met
        assert Report.objects.exclude(text_sealed="").exists()
    with subtests.test("pictures"):
        assert "exif" in picture_with_secrets("exif").decode("latin-1")
        for photo in ReportPhoto.objects.all():
            content = bytes(photo.image)
            assert not [m for m in [*PERSONAL, "EXIF", "Exif"] if m.encode() in content]
    with subtests.test("trail, notices, logs"):
        report = _registered()
        with caplog.at_level(logging.DEBUG):
            client = Client(raise_request_exception=False)
            client.force_login(world.user("duty"))
            client.post(reverse("petition-look", args=[report.pk]), {"reason": "回访"})
            public = Client(raise_request_exception=False)
            public.post(
                reverse("public-report"), {"category": "air", "text": secret("east", "text")}
            )
            public.post(
                reverse("public-report-send"), {"key": "x", "token": secret("east", "note")}
            )
        trail = [f"{e.target} {e.detail} {e.address} {e.actor_label}" for e in Entry.objects.all()]
        notes = [
            f"{n.title_zh}{n.title_en}{n.body_zh}{n.body_en}{n.url}" for n in Notice.objects.all()
        ]
        said = "\n".join([*trail, *notes, caplog.text])
        assert not [m for m in PERSONAL if m in said]
        assert Entry.objects.filter(deed="petitions.look").exists()
        received = Entry.objects.get(deed="petitions.receive_conduct")
        assert received.address == ""  # a citizen's address is not kept
    with subtests.test("a new key seals old rows again"):
        _reseals(_registered())


def _registered() -> Report:
    return Report.objects.filter(
        petition__isnull=False, district_id="379901", source_system="12345"
    ).get()


def _reseals(report: Report) -> None:
    key = seal.new_key()
    at = report.received_at
    assert services.reseal(at=at) > 0
    report = Report.objects.get(pk=report.pk)
    assert seal.key_of(report.text_sealed) == seal.key_of(report.complainant.phone) == key
    assert report.complainant.read()["phone"] == secret("east", "phone")
    assert services.reseal(at=at) == 0
    held = list(settings.FOLDER.secrets.glob("petitions-sm4-*"))
    assert {oct(p.stat().st_mode & 0o777) for p in held} == {"0o600"}
