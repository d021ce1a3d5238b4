"""Rights in the database (数据库权限): two roles, and what the one that runs may not do.

等保 8.1.4.2 e–f: the role of the running platform has no DDL and cannot change or remove audit
entries; the role that owns the tables appears only in migrations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from qingyuan.core.problems import Problem

__all__ = [
    "APP",
    "AUDIT_TABLES",
    "OWNER",
    "READ_ONLY_TABLES",
    "Urls",
    "check_runtime_role",
    "check_server",
    "grant_runtime_rights",
    "role_of",
]

OWNER = "qingyuan_owner"
APP = "qingyuan_app"
AUDIT_TABLES = ("audit_entry",)  # SELECT and INSERT only
READ_ONLY_TABLES = ("django_migrations",)  # SELECT only
_OLDEST_MAJOR = 15


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses of one database in its two roles; they hold passwords and are not printed."""

    owner: str = field(repr=False)
    app: str = field(repr=False)


def _connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise Problem("host.database_unreachable", reason=reason) from error


def grant_runtime_rights(owner_url: str, *, app: str = APP) -> None:
    """Give *app* what running needs on every table of ``public``, and no more.

    Run after each migration, as the owner: SELECT, INSERT, UPDATE, DELETE on tables (SELECT and
    INSERT on `AUDIT_TABLES`, SELECT on `READ_ONLY_TABLES`), use of sequences, EXECUTE on
    functions. Never CREATE, TRUNCATE, TRIGGER or REFERENCES.
    """
    role = sql.Identifier(app)
    with _connect(owner_url) as owner:
        tables = {
            str(row[0])
            for row in owner.execute(
                "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace"
                " and c.relkind in ('r', 'p', 'v', 'm') and pg_has_role(c.relowner, 'usage')"
            )
        }
        for line in (
            "grant usage on schema public to {role}",
            "revoke create on schema public from public, {role}",
            "revoke all on all tables in schema public from {role}",
            "grant select, insert, update, delete on all tables in schema public to {role}",
            "grant usage, select, update on all sequences in schema public to {role}",
            "grant execute on all functions in schema public to {role}",
        ):
            owner.execute(sql.SQL(line).format(role=role))
        for names, rights in ((AUDIT_TABLES, "update, delete, truncate"), (READ_ONLY_TABLES, "insert, update, delete")):  # fmt: skip
            for name in tables.intersection(names):
                owner.execute(
                    sql.SQL(f"revoke {rights} on {{table}} from {{role}}").format(
                        table=sql.Identifier("public", name), role=role
                    )
                )


def role_of(url: str) -> str:
    """Return the role a PostgreSQL URL connects as."""
    return unquote(urlsplit(url).username or "")


def check_server(urls: Urls) -> None:
    """Raise unless both roles reach a server that is new enough (``host.database_old``)."""
    for url in (urls.owner, urls.app):
        with _connect(url) as connection:
            version = connection.info.server_version
            if version < _OLDEST_MAJOR * 10_000:
                raise Problem("host.database_old", found=version / 10_000)


def check_runtime_role(app_url: str) -> None:
    """Raise ``host.started_as_owner`` if the role could change tables (refused outside migrations)."""
    with _connect(app_url) as connection:
        row = connection.execute(
            "select current_user, rolsuper or has_schema_privilege('public', 'create')"
            " or exists (select 1 from pg_class c where c.relnamespace = 'public'::regnamespace"
            " and pg_has_role(c.relowner, 'usage'))"
            " from pg_roles where rolname = current_user"
        ).fetchone()
    if row is None or row[1]:
        raise Problem("host.started_as_owner", role=row[0] if row else role_of(app_url))
