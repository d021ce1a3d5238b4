"""The deeds of petitions, each whole or not at all, each written down."""

from qingyuan.web.petitions.services.audits import contradictions, note_nothing, repeated
from qingyuan.web.petitions.services.conduct import handle_conduct, receive_conduct
from qingyuan.web.petitions.services.intake import merge_into, receive, refuse, register
from qingyuan.web.petitions.services.look import (
    DESK,
    change_key,
    look,
    may_look,
    read_words,
    reseal,
)
from qingyuan.web.petitions.services.packages import (
    LEADERS,
    close_package,
    open_package,
    tick,
    visit,
)
from qingyuan.web.petitions.services.public import draft, knock, progress_of, purge, send
from qingyuan.web.petitions.services.registers import (
    list_as_key,
    note_stability,
    put_escalation,
    set_target,
)
from qingyuan.web.petitions.services.samples import (
    begin_look_back,
    check_drawn,
    draw_sample,
    reproduces,
)
from qingyuan.web.petitions.services.settings import avoid, put_channel, set_parameter
from qingyuan.web.petitions.services.words import clear_photo, confirm_words

__all__ = [
    "DESK",
    "LEADERS",
    "avoid",
    "begin_look_back",
    "change_key",
    "check_drawn",
    "clear_photo",
    "close_package",
    "confirm_words",
    "contradictions",
    "draft",
    "draw_sample",
    "handle_conduct",
    "knock",
    "list_as_key",
    "look",
    "may_look",
    "merge_into",
    "note_nothing",
    "note_stability",
    "open_package",
    "progress_of",
    "purge",
    "put_channel",
    "put_escalation",
    "read_words",
    "receive",
    "receive_conduct",
    "refuse",
    "register",
    "repeated",
    "reproduces",
    "reseal",
    "send",
    "set_parameter",
    "set_target",
    "tick",
    "visit",
]
