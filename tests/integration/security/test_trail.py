"""The audit chain under many hands at once, the rights of the role that runs, and what tampering shows."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from django.conf import settings as project
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from qingyuan.cli import audit as audit_verb
from qingyuan.host.folder import DataFolder
from qingyuan.host.rights import check_runtime_role, grant_runtime_rights
from qingyuan.web.accounts import services as accounts
from qingyuan.web.audit import services
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import SYSTEM

AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
HANDS, DEEDS = 6, 12


class _Undone(Exception):
    pass


def _at_once(deed: Callable[[int], object], hands: int = HANDS) -> list[object]:
    """Run *deed* in as many threads, each on its own connection, all starting together."""
    ready = Barrier(hands)

    def one(number: int) -> object:
        ready.wait(timeout=30)
        try:
            return deed(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(one, range(hands)))


@pytest.mark.usefixtures("transactional_db")
def test_many_hands_at_once_make_one_whole_chain():
    def work(hand: int) -> None:
        for n in range(DEEDS):
            try:
                with transaction.atomic():
                    services.record(
                        actor=SYSTEM, deed="test.deed", target=f"thing:{hand}-{n}", at=AT
                    )
                    if n % 4 == 3:
                        raise _Undone
            except _Undone:
                continue

    _at_once(work)
    numbers = list(Entry.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, HANDS * DEEDS * 3 // 4 + 1))
    assert services.verify() is None


@pytest.mark.usefixtures("transactional_db")
def test_a_one_time_link_posted_twice_at_once_opens_once():
    unit = accounts.put_unit(
        code="sj", parent=None, name_zh="市局", name_en="", kind="bureau", district_code=""
    )
    user = accounts.put_person(
        username="duty", name="值班员", unit=unit, role_names=["duty_officer"], at=AT, by=SYSTEM
    )
    address = reverse("invitation", args=[accounts.invite(user=user, by=SYSTEM, at=AT)])
    words = ["qingshi liushui babaili", "liushui qingshi jiubaili"]

    def open_it(hand: int) -> int:
        given = words[hand]
        return Client().post(address, {"first": given, "second": given}).status_code

    assert sorted(_at_once(open_it, 2)) == [302, 404]
    assert Entry.objects.filter(deed="accounts.accept_invitation").count() == 1
    user.refresh_from_db()
    assert sum(user.check_password(word) for word in words) == 1


@pytest.mark.usefixtures("transactional_db")
def test_the_trigger_refuses_again_after_a_flush():
    with transaction.atomic():
        services.record(actor=SYSTEM, deed="test.deed", target="thing:1", at=AT)
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_entry")


@pytest.fixture
def running_role(transactional_db: None) -> Iterator[psycopg.Connection]:
    """A connection to the tests' database as the role the platform runs as."""
    name = connection.settings_dict["NAME"]
    owner, app = (
        psycopg.conninfo.make_conninfo(os.environ[url], dbname=name)
        for url in ("DATABASE_OWNER_URL", "DATABASE_URL")
    )
    role = psycopg.conninfo.conninfo_to_dict(app)["user"]
    grant_runtime_rights(owner, app=role)
    check_runtime_role(app)
    with psycopg.connect(app, autocommit=True) as made:
        yield made


FORBIDDEN = [
    "UPDATE audit_entry SET deed = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL", "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "ALTER TABLE audit_entry RENAME TO gone", "DROP TABLE audit_entry", "DROP TABLE accounts_user",
    "ALTER TABLE accounts_user ADD COLUMN x int", "CREATE TABLE x (y int)", "CREATE SCHEMA x", "CREATE VIEW x AS SELECT 1",
    "CREATE INDEX x ON accounts_user (name)", "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE RULE x AS ON INSERT TO audit_entry DO INSTEAD NOTHING", "TRUNCATE accounts_user",
    "SET session_replication_role = replica", "SET ROLE qingyuan_owner", "SET SESSION AUTHORIZATION qingyuan_owner",
    "CREATE ROLE x", "ALTER ROLE CURRENT_USER SUPERUSER", "GRANT ALL ON audit_entry TO CURRENT_USER",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())", "CREATE EXTENSION plpgsql_check",
    "LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE", "COPY audit_entry TO PROGRAM 'cat'", "COPY audit_entry FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')", "ALTER SYSTEM SET fsync = off",
]  # fmt: skip


def test_the_running_role_can_neither_change_the_trail_nor_any_table(
    running_role: psycopg.Connection,
) -> None:
    passed = []
    for statement in FORBIDDEN:
        try:
            running_role.execute(statement)
        except psycopg.Error as error:
            if isinstance(error, psycopg.errors.SyntaxError | psycopg.errors.UndefinedTable):
                passed.append(f"{statement}: {error}")
        else:
            granted = "GRANT" in statement  # a grant of nothing only warns
            if not granted:
                passed.append(statement)
    assert not passed
    rights = running_role.execute(
        "SELECT has_table_privilege('audit_entry', p) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) p"
    ).fetchall()
    assert [row[0] for row in rights] == [True, True, False, False, False, False, False]


def _tampered(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")


@pytest.mark.django_db
@pytest.mark.parametrize(("statements", "seq", "reason"), [
    ((), None, ""),
    (("UPDATE audit_entry SET deed = 'cases.close_out' WHERE seq = 4",), 4, "changed"),
    (("UPDATE audit_entry SET detail = '{\"n\": 9}' WHERE seq = 5",), 5, "changed"),
    (("UPDATE audit_entry SET wall_at = wall_at - interval '1 hour' WHERE seq = 6",), 6, "changed"),
    (("DELETE FROM audit_entry WHERE seq = 3",), 3, "missing_before"),
    (("DELETE FROM audit_entry WHERE seq = 1",), 1, "missing_before"),
    (("UPDATE audit_entry SET digest = repeat('0', 64) WHERE seq = 2",), 2, "changed"),
    (("UPDATE audit_entry SET previous = repeat('0', 64) WHERE seq = 7",), 7, "unlinked"),
    (("UPDATE audit_entry SET seq = 100 WHERE seq = 2", "UPDATE audit_entry SET seq = 2 WHERE seq = 3", "UPDATE audit_entry SET seq = 3 WHERE seq = 100"), 2, "unlinked"),
    (("DELETE FROM audit_entry WHERE seq >= 7",), 8, "tail_missing"),
    (("DELETE FROM audit_entry",), 8, "tail_missing"),
])  # fmt: skip
def test_verify_names_the_first_break_the_owner_made(
    tmp_path, monkeypatch, capsys, statements, seq, reason
):
    folder = DataFolder(tmp_path / "data").create("city")
    with transaction.atomic():
        for n in range(8):
            services.record(
                actor=SYSTEM, deed="test.deed", target=f"thing:{n}", at=AT, detail={"n": n}
            )
    services.anchor(folder.path / services.ANCHOR_FILE, at=AT)
    _tampered(*statements)

    @contextmanager
    def attached() -> Iterator[tuple[DataFolder, None]]:
        yield folder, None

    monkeypatch.setattr("qingyuan.cli.attach.attached_city", attached)
    parser = argparse.ArgumentParser()
    audit_verb.add_arguments(parser.add_subparsers())
    call = parser.parse_args(["audit", "verify"])
    assert call.run(call) == (1 if seq else 0)
    said = capsys.readouterr().out
    found = services.verify(services.read_anchors(folder.path / services.ANCHOR_FILE))
    assert ((found.seq, found.reason) if found else (None, "")) == (seq, reason)
    assert f"第 {seq} 条" in said if seq else "完整" in said


def test_the_deployment_check_is_clean_behind_tls(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data").create("city")
    given = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("QINGYUAN_", "PYTEST_", "DJANGO_ALLOW_"))},
        "QINGYUAN_DATA": str(folder.path), "QINGYUAN_HTTPS": "1", "QINGYUAN_HOSTS": "city.example",
        "DJANGO_SETTINGS_MODULE": project.SETTINGS_MODULE,
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=given, cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "no issues" in ran.stdout
