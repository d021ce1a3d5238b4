"""Send a message, in the house and outside it."""

from qingyuan.web.notices.services.channels import put_channel, put_reach, try_channel
from qingyuan.web.notices.services.inbox import Message, fold, mark_read, notify
from qingyuan.web.notices.services.send import deliver

__all__ = [
    "Message",
    "deliver",
    "fold",
    "mark_read",
    "notify",
    "put_channel",
    "put_reach",
    "try_channel",
]
