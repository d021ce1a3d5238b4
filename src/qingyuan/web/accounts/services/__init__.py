"""The deeds of accounts: units, people, grants, invitations, passwords."""

from qingyuan.web.accounts.services.organisation import put_person, put_unit
from qingyuan.web.accounts.services.people import (
    accept_invitation,
    change_password,
    end_grant,
    grant_role,
    invite,
    invite_by_name,
    make_first_administrator,
    set_active,
)

__all__ = [
    "accept_invitation",
    "change_password",
    "end_grant",
    "grant_role",
    "invite",
    "invite_by_name",
    "make_first_administrator",
    "put_person",
    "put_unit",
    "set_active",
]
