"""Reading what people bring (读入): any file of a table becomes rows and faults, or is refused whole.

Pure: bytes in, values out. `rows` chooses the reader by what the bytes are, not by the name.
"""

from __future__ import annotations

from qingyuan.web.exchange.read.places import features_of_layer
from qingyuan.web.exchange.read.rows import lines, rows

__all__ = ["features_of_layer", "lines", "rows"]
