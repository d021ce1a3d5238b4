"""What administrators, coordinators and those on duty do to the organisation."""

from qingyuan.web.organisation.services.absence import ask_absence, end_absence, settle_absence
from qingyuan.web.organisation.services.duty import hand_over, put_shift, take_over
from qingyuan.web.organisation.services.groups import add_member, end_member, put_group
from qingyuan.web.organisation.services.matrix import (
    check_responsibility,
    in_force,
    put_responsibility,
)
from qingyuan.web.organisation.services.tree import register_person, register_unit

__all__ = [
    "add_member",
    "ask_absence",
    "check_responsibility",
    "end_absence",
    "end_member",
    "hand_over",
    "in_force",
    "put_group",
    "put_responsibility",
    "put_shift",
    "register_person",
    "register_unit",
    "settle_absence",
    "take_over",
]
