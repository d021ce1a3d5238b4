"""The deeds of the inspections: batches, items, publication, look-back, what a round sets up."""

from qingyuan.web.inspections.services.batches import (
    Assigned,
    Listed,
    assign_items,
    read_text,
    register_item,
    state_batch,
    take_batch,
)
from qingyuan.web.inspections.services.keeping import add_finding, keep, send_material
from qingyuan.web.inspections.services.look_back import draw_look_back, record_check
from qingyuan.web.inspections.services.publish import confirm, drafts
from qingyuan.web.inspections.services.routing import Proposal, propose

__all__ = [
    "Assigned",
    "Listed",
    "Proposal",
    "add_finding",
    "assign_items",
    "confirm",
    "drafts",
    "draw_look_back",
    "keep",
    "propose",
    "read_text",
    "record_check",
    "register_item",
    "send_material",
    "state_batch",
    "take_batch",
]
