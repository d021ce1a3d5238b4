"""Work on a city's database from the shell, whether the city is running or not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.host.postgres import Postgres
from qingyuan.host.settings import Settings

__all__ = ["attached_city"]


@contextmanager
def attached_city() -> Iterator[tuple[DataFolder, datetime]]:
    """Give Django the database of the folder in the settings, as the role that runs.

    A running city's embedded server is used as it is; otherwise the folder is held and the server
    started while the block runs.

    Yields
    ------
    (DataFolder, datetime)
        The folder, and the city's time now.

    Raises
    ------
    Problem
        ``host.folder_missing`` when there is no city; whatever keeps the database from starting.
    """
    settings = Settings.from_environment()
    folder = DataFolder(settings.data)
    _ = folder.kind
    with ExitStack() as stack:
        url = settings.database_url
        if url is None:
            server = Postgres(folder)
            if not server.is_running():
                stack.enter_context(folder.hold())
                stack.enter_context(server)
            url = server.urls.app
        os.environ.update(
            QINGYUAN_DATA=str(folder.path),
            DATABASE_URL=url,
            DATABASE_OWNER_URL=url,
            QINGYUAN_DATABASE_ROLE="app",
        )
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.web.project.settings")
        import django
        from django.db import connection

        django.setup()
        try:
            yield folder, CityClock(folder).now()
        finally:
            connection.close()
