from __future__ import annotations

import pytest

from qingyuan.core.problems import Problems
from qingyuan.host.settings import Address, Settings, django_database


def test_defaults_are_loopback_and_embedded() -> None:
    settings = Settings.from_environment({})
    assert str(settings.web) == "127.0.0.1:8000"
    assert str(settings.gateway) == "127.0.0.1:8212"
    assert settings.web.is_loopback
    assert settings.is_embedded
    assert settings.data.parts[-2:] == ("var", "city")


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(Problems) as raised:
        Settings.from_environment(
            {
                "QINGYUAN_WEB": "8000",
                "QINGYUAN_GATEWAY": "here:99999",
                "QINGYUAN_ENGINE": "excel",
                "DATABASE_OWNER_URL": "sqlite:///x",
                "QINGYUAN_DATABASE_ROLE": "root",
                "QINGYUAN_MAIL": "mail@example.org",
                "QINGYUAN_ADDRESS": "ftp://x",
            }
        )
    assert [p.code for p in raised.value.problems] == [
        "host.setting_address",
        "host.setting_address",
        "host.setting_engine",
        "host.setting_one_database_url",
        "host.setting_database_scheme",
        "host.setting_role",
        "host.setting_mail",
        "host.setting_public_address",
    ]
    assert all(p.zh and p.en for p in raised.value.problems)


@pytest.mark.parametrize(
    ("text", "host", "port", "loopback"),
    [
        ("127.0.0.1:0", "127.0.0.1", 0, True),
        ("[::1]:8000", "::1", 8000, True),
        ("0.0.0.0:80", "0.0.0.0", 80, False),
        ("localhost:8000", "localhost", 8000, True),
    ],
)
def test_addresses(text: str, host: str, port: int, loopback: bool) -> None:
    address = Address.parse(text, name="QINGYUAN_WEB")
    assert (address.host, address.port, address.is_loopback) == (host, port, loopback)
    assert str(address) == text


def test_the_role_chooses_the_url() -> None:
    env = {"DATABASE_URL": "postgresql://app@/x", "DATABASE_OWNER_URL": "postgresql://owner@/x"}
    assert Settings.from_environment(env).active_database_url == env["DATABASE_URL"]
    owner = Settings.from_environment(env | {"QINGYUAN_DATABASE_ROLE": "owner"})
    assert owner.active_database_url == env["DATABASE_OWNER_URL"]


def test_a_socket_url_becomes_a_django_database() -> None:
    row = django_database("postgresql://app:p%40ss@/qingyuan?host=%2Ftmp%2Fs&connect_timeout=5")
    assert (row["NAME"], row["USER"], row["PASSWORD"]) == ("qingyuan", "app", "p@ss")
    assert (row["HOST"], row["PORT"], row["OPTIONS"]) == ("/tmp/s", "", {"connect_timeout": "5"})


def test_a_tcp_url_becomes_a_django_database() -> None:
    row = django_database("postgresql://app:x@db.example:5433/city?sslmode=require")
    assert (row["HOST"], row["PORT"], row["OPTIONS"]) == (
        "db.example", "5433", {"sslmode": "require"},
    )  # fmt: skip


def test_several_gateways_stand_on_ports_in_a_row():
    env = {"QINGYUAN_GATEWAY": "0.0.0.0:8212", "QINGYUAN_GATEWAYS": "3"}
    addresses = Settings.from_environment(env).gateway_addresses
    assert [str(address) for address in addresses] == [
        "0.0.0.0:8212",
        "0.0.0.0:8213",
        "0.0.0.0:8214",
    ]


def test_a_tls_port_needs_its_certificate(raises_problem):
    tls = {"QINGYUAN_GATEWAY_TLS": "0.0.0.0:8213"}
    with raises_problem("host.setting_tls"):
        Settings.from_environment(tls)
    named = {"QINGYUAN_GATEWAY_TLS_CERT": "c.pem", "QINGYUAN_GATEWAY_TLS_KEY": "k.pem"}
    assert Settings.from_environment(tls | named).gateway_tls.port == 8213


@pytest.mark.parametrize("text", ["0", "two", "-1", "nan", "inf"])
def test_a_number_of_gateways_that_is_none_is_refused(text, raises_problem):
    with raises_problem("host.setting_number"):
        Settings.from_environment({"QINGYUAN_GATEWAYS": text})
