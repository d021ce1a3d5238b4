"""HJ 212 (传输协议).

Room: bytes in, frames and packets out, packets in, bytes out; what each departure is called.
Knows: framing, checksums, fields, commands, dialects 2005, 2017, 2025 and surface water.
Never knows: sockets, devices that are registered, what is stored, the time of day.
Sources: HJ 212-2017, HJ/T 212-2005; HJ 212-2025 and HJ 1404-2024 at second hand, so marked.

For a page that explains: ``explain_text(pasted, dialect="", key=None, most=100)`` returns one
`Explained` per packet (``n, packet, text, lines, at``, and ``marked``: the text in coloured pieces);
a `Line` has ``part, name, value, zh, en, start, end, clause, remarks``, a `Remark` says what is
wrong, how grave, by which clause and what would be right. ``explain(packet)`` gives the lines alone.
"""

from qingyuan.hj212.clock import instant, qn_of, stamp
from qingyuan.hj212.explain import Explained, Line, Remark, as_json, explain, explain_text
from qingyuan.hj212.factors import annex_b, factor_names
from qingyuan.hj212.first_words import first_words
from qingyuan.hj212.foreign import name_of_foreign
from qingyuan.hj212.framer import Frame, Framer, Noise
from qingyuan.hj212.habits import Habits, Proposal
from qingyuan.hj212.packet import Deviation, Packet, Reading, Verdict
from qingyuan.hj212.parse import parse
from qingyuan.hj212.reassembly import Gap, Gathered, Reassembly, Repeat
from qingyuan.hj212.render import (
    SEGMENT_LIMIT,
    answer,
    frame,
    heartbeat,
    render,
    request,
    upload,
    uploads,
)
from qingyuan.hj212.session import (
    Accepted,
    Data,
    Ended,
    LinkLost,
    Request,
    Send,
    Sessions,
    Stray,
    Terms,
)
from qingyuan.hj212.sm4 import Key
from qingyuan.hj212.tables import (
    CODES_2005,
    DEVIATIONS,
    dialect_of,
    dialects,
    factor_2017,
    outcomes,
    request_command,
    should_encrypt,
    upload_command,
)
from qingyuan.hj212.unwrap import unwrap

__all__ = [
    "CODES_2005",
    "DEVIATIONS",
    "SEGMENT_LIMIT",
    "Accepted",
    "Data",
    "Deviation",
    "Ended",
    "Explained",
    "Frame",
    "Framer",
    "Gap",
    "Gathered",
    "Habits",
    "Key",
    "Line",
    "LinkLost",
    "Noise",
    "Packet",
    "Proposal",
    "Reading",
    "Reassembly",
    "Remark",
    "Repeat",
    "Request",
    "Send",
    "Sessions",
    "Stray",
    "Terms",
    "Verdict",
    "annex_b",
    "answer",
    "as_json",
    "dialect_of",
    "dialects",
    "explain",
    "explain_text",
    "factor_2017",
    "factor_names",
    "first_words",
    "frame",
    "heartbeat",
    "instant",
    "name_of_foreign",
    "outcomes",
    "parse",
    "qn_of",
    "render",
    "request",
    "request_command",
    "should_encrypt",
    "stamp",
    "unwrap",
    "upload",
    "upload_command",
    "uploads",
]
