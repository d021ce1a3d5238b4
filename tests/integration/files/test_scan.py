"""Files are shown to a virus scanner before they are kept: its dialogue, its verdict, its absence."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from django.http import Http404

from case_town import build_town, photo
from qingyuan.host.settings import Settings
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.models import Entry
from qingyuan.web.files.models import Attachment
from qingyuan.web.files.responses import serve
from qingyuan.web.files.scan import ask
from qingyuan.web.files.services import keep, scan_waiting

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
VIRUS = b"EICAR"


def _read(line: socket.socket, n: int) -> bytes:
    held = b""
    while len(held) < n:
        more = line.recv(n - len(held))
        if not more:
            raise EOFError
        held += more
    return held


class Scanner:
    """A clamd that speaks INSTREAM on a socket of the folder, until it is stopped."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "clamd")
        self.says: Callable[[bytes], bytes] = lambda content: (
            b"stream: Test.EICAR FOUND\0" if VIRUS in content else b"stream: OK\0"
        )
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(self.address)
        self._door.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            with line:
                assert _read(line, 10) == b"zINSTREAM\0"
                content = b""
                while n := struct.unpack("!I", _read(line, 4))[0]:
                    content += _read(line, n)
                line.sendall(self.says(content))

    def stop(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join(timeout=5)


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[Scanner]:
    made = Scanner(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def by(db: None) -> User:
    build_town()
    return User.objects.get(username="east1")


def _set(settings, **more: str) -> None:
    settings.HOST = replace(django_settings.HOST, **more)


def _keep(by: User, content: bytes = b"") -> Attachment:
    return keep(content=content or photo(), name="整改前.jpg", by=by, at=AT, kind="before_photo")


def test_without_a_scanner_files_are_kept_and_say_so(by):
    kept = _keep(by)
    assert (kept.scan, kept.is_shut, kept.is_image) == ("", False, True)
    assert scan_waiting(at=AT) == 0


def test_clean_files_are_kept_and_infected_ones_refused(by, scanner, settings, raises_problem):
    _set(settings, clamd=scanner.address)
    assert _keep(by).scan == "clean"
    with raises_problem("files.infected"):
        _keep(by, photo() + VIRUS)
    assert Attachment.objects.count() == 1
    assert ask(b"x" * 200_000, address=scanner.address) == ("clean", "")


@pytest.mark.parametrize("said", ["stream: size limit exceeded ERROR", "", "nonsense"])
def test_what_is_not_plainly_clean_is_not_taken_for_it(by, scanner, settings, said, raises_problem):
    scanner.says = lambda content: said.encode() + b"\0"
    _set(settings, clamd=scanner.address)
    with raises_problem("files.scanner_away"):
        _keep(by)


def test_while_the_scanner_is_away_files_wait_or_are_refused(
    by, scanner, settings, tmp_path, raises_problem
):
    _set(settings, clamd=str(tmp_path / "nobody"))
    with raises_problem("files.scanner_away"):
        _keep(by)
    _set(settings, clamd=str(tmp_path / "nobody"), clamd_away="quarantine")
    clean, bad = _keep(by), _keep(by, photo() + VIRUS)
    assert (clean.scan, clean.is_shut, clean.is_image) == ("waiting", True, False)
    with pytest.raises(Http404):
        serve(clean)
    assert scan_waiting(at=AT) == 0
    _set(settings, clamd=scanner.address)
    assert scan_waiting(at=AT) == 2
    clean.refresh_from_db()
    bad.refresh_from_db()
    assert (clean.scan, bad.scan) == ("clean", "infected")
    answer = serve(clean)
    answer.file_to_stream.close()
    assert answer.status_code == 200
    with pytest.raises(Http404):
        serve(bad, original=True)
    line = Entry.objects.get(deed="files.scan", target=f"file:{bad.pk}")
    assert line.detail["found"] == "Test.EICAR"


def test_the_setting_and_the_column_know_their_words(by, raises_problem):
    kept = _keep(by)
    with raises_problem("host.setting_clamd_away"):
        Settings.from_environment({"QINGYUAN_CLAMD_AWAY": "hope"})
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=kept.pk).update(scan="fine")
