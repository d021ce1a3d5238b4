"""Framing (分帧): a stream of bytes in, frames and noise out.

The rule is hj212.md §7: trust the length field when checksum or structure agree with it, else look
for the end of the data area, else give the frame up at the next ``##``. Every byte fed comes out
again in exactly one event, and how the stream was cut never changes the events.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from qingyuan.hj212.crc import checksum, match
from qingyuan.hj212.sm4 import is_sealed

__all__ = ["MAX_SEGMENT", "SEGMENT_LIMIT", "Frame", "Framer", "Noise"]

SEGMENT_LIMIT = 1024  # HJ 212-2017 表2: data segment 0 ≤ n ≤ 1024
MAX_SEGMENT = 8192  # the standard says 1024; up to 8 KB is accepted and marked (hj212.md §6.4)
_LIMIT = 16384  # a frame whose end is not found within this many bytes is given up
_BLOCK = 1024  # foreign bytes come out in blocks of this size
_REGION = 8  # four digits of CRC, **, CR LF: the longest close of a frame
_BLANK = b"\r\n \t\0"

_USUAL = re.compile(rb"##([0-9]{4})").match
_DIGITS = re.compile(rb"[0-9]{0,4}")
_CLOSE = re.compile(rb"([0-9A-Fa-f]{0,4})(\*\*)?(\r\n|\n|\r|)")
_END = re.compile(rb"&&([0-9A-Fa-f]{0,4})(\*\*)?(\r?\n)")
_END_BARE = re.compile(rb"&&([0-9A-Fa-f]{1,4})(\*\*)?([\r\n \t\0]*)\Z")
_HEAD = re.compile(rb"##[0-9]{2}")
_SETTLED_LINE = re.compile(rb"\n|##|\r(?=[^\n])")


class Frame(NamedTuple):
    """The bytes of one packet, cut out and checked, not yet read (数据帧)."""

    raw: bytes
    segment: bytes
    crc: str
    notes: tuple[str, ...]


class Noise(NamedTuple):
    """Bytes that are no frame; *code* is a ``frame.*`` row of the deviation table."""

    raw: bytes
    code: str


class Framer:
    """Cut one connection's bytes into events (分帧器).

    Parameters
    ----------
    max_segment : int
        Longest data segment that is accepted.

    Examples
    --------
    >>> framer = Framer()
    >>> [type(event).__name__ for event in framer.feed(b"hello##0008CP=&&&&")]
    ['Noise']
    >>> [event.code for event in framer.close()]
    ['frame.partial']
    """

    def __init__(self, *, max_segment: int = MAX_SEGMENT) -> None:
        self._buffer = bytearray()
        self._max = max_segment

    @property
    def pending(self) -> int:
        """How many bytes wait for more."""
        return len(self._buffer)

    @property
    def inside_frame(self) -> bool:
        """Whether what waits has begun a frame (as against blanks and foreign bytes)."""
        return self._buffer.startswith(b"##")

    def feed(self, data: bytes) -> list[Frame | Noise]:
        """Take the next bytes of the stream and return the events they complete."""
        self._buffer += data
        return self._drain(final=False)

    def settle(self) -> list[Frame | Noise]:
        """Take what is whole although the stream paused: a proven frame that lacks only its tail.

        For a link that has been quiet for a second; anything unproven goes on waiting.
        """
        events: list[Frame | Noise] = []
        at = 0
        while at < len(self._buffer):
            event, end = self._take(at, final=True) or (None, at)
            proven = isinstance(event, Frame) and event.crc not in ("unknown", "none")
            if event is None or not (proven or self._whole(event, end)):
                break
            events.append(event)
            at = end
        del self._buffer[:at]
        return events

    def close(self) -> list[Frame | Noise]:
        """Take the end of the stream: everything that waits comes out."""
        return self._drain(final=True)

    def _whole(self, event: Frame | Noise, end: int) -> bool:
        """Whether *event* is noise that ends where the next frame begins."""
        return isinstance(event, Noise) and self._buffer.startswith(b"##", end)

    def _drain(self, *, final: bool) -> list[Frame | Noise]:
        buffer = self._buffer
        events: list[Frame | Noise] = []
        at, size = 0, len(buffer)
        while at < size:
            # The usual case first: four digits of length, CR LF, the standard checksum.
            usual = _USUAL(buffer, at)
            if usual is not None:
                end = at + 6 + int(usual[1])
                if buffer[end + 4 : end + 6] == b"\r\n" and end - at <= 1030:
                    raw = bytes(buffer[at : end + 6])
                    segment = raw[6:-6]
                    if raw[-6:-2] == checksum(segment) and b"##" not in segment:
                        events.append(Frame(raw, segment, "standard", ()))
                        at = end + 6
                        continue
            taken = self._take(at, final=final)
            if taken is None:
                break
            events.append(taken[0])
            at = taken[1]
        del buffer[:at]
        return events

    def _take(self, at: int, *, final: bool) -> tuple[Frame | Noise, int] | None:
        """Return the event at *at* and where it ends; None when more bytes are needed."""
        buffer = self._buffer
        if not buffer.startswith(b"##", at):
            return self._foreign(at, final=final)
        if len(buffer) <= at + 2 and not final:
            return None
        if buffer.startswith(b"###", at):  # the last two of a run of # are the head
            return Noise(b"#", "frame.foreign"), at + 1
        digits = _DIGITS.match(buffer, at + 2)
        assert digits is not None  # matches the empty string too
        start = digits.end()
        if start == len(buffer) and len(digits[0]) < 4 and not final:
            return None
        length = int(digits[0]) if digits[0] else None
        if length is not None and length <= self._max:
            end = start + length
            if not final and not self._settled(end):
                return None
            exact = self._exact(at, start, end, len(digits[0]))
            if exact is not None:
                return exact
        return self._search(at, start, final=final)

    def _foreign(self, at: int, *, final: bool) -> tuple[Noise, int] | None:
        buffer = self._buffer
        stop = buffer.find(b"##", at, at + _BLOCK + 1)
        if stop < 0:
            stop = min(len(buffer), at + _BLOCK)
            if not final:
                if stop == len(buffer) and buffer.endswith(b"#"):
                    stop -= 1
                if stop - at < _BLOCK:
                    return None
        raw = bytes(buffer[at:stop])
        return Noise(raw, "frame.foreign" if raw.strip(_BLANK) else "frame.blank"), stop

    def _settled(self, end: int) -> bool:
        """Whether later bytes can no longer change how a frame that ends at *end* closes."""
        region = self._buffer[end : end + _REGION]
        return len(region) == _REGION or _SETTLED_LINE.search(region) is not None

    def _exact(self, at: int, start: int, end: int, width: int) -> tuple[Frame | Noise, int] | None:
        """Take the frame that the length field promises, if checksum or structure agree."""
        buffer = self._buffer
        close = _CLOSE.match(buffer, end)
        if close is None or end > len(buffer):
            return None
        segment = bytes(buffer[start:end])
        crc = _variant(segment, close[1])
        if not _believable(segment, crc, close):
            return None
        return self._frame(at, segment, crc, close, right_length=True, width=width), close.end()

    def _search(self, at: int, start: int, *, final: bool) -> tuple[Frame | Noise, int] | None:
        """Find the end of a frame whose length field is of no use."""
        buffer = self._buffer
        limit = at + _LIMIT
        close = _END.search(buffer, start, limit)
        following = buffer.find(b"##", start, limit)
        if following >= 0 and (close is None or close.end() > following):
            bare = _END_BARE.search(buffer[start:following])
            if bare is None:
                return Noise(bytes(buffer[at:following]), "frame.broken"), following
            segment = bytes(buffer[start : start + bare.start() + 2])
            stop = following
            close = bare
        elif close is not None:
            segment = bytes(buffer[start : close.start() + 2])
            stop = close.end()
        elif len(buffer) >= limit:
            stop = limit - 1 if buffer[limit - 1] == 0x23 else limit
            return Noise(bytes(buffer[at:stop]), "frame.too_long"), stop
        elif final:
            bare = _END_BARE.search(buffer[start:])
            if bare is None:
                return Noise(bytes(buffer[at:]), "frame.partial"), len(buffer)
            segment = bytes(buffer[start : start + bare.start() + 2])
            stop = len(buffer)
            close = bare
        else:
            return None
        if len(segment) > self._max:
            return Noise(bytes(buffer[at:stop]), "frame.too_long"), stop
        crc = _variant(segment, close[1])
        made = self._frame(at, segment, crc, close, right_length=False, width=start - at - 2)
        return made._replace(raw=bytes(buffer[at:stop])), stop

    def _frame(
        self,
        at: int,
        segment: bytes,
        crc: str,
        close: re.Match[bytes],
        *,
        right_length: bool,
        width: int,
    ) -> Frame:
        notes = []
        if not right_length:
            notes.append("length.wrong")
        elif width != 4:
            notes.append("length.digits")
        if len(segment) > SEGMENT_LIMIT:
            notes.append("length.over_1024")
        if crc == "modbus":
            notes.append("crc.modbus")
        elif crc == "modbus-swapped":
            notes.append("crc.modbus_swapped")
        elif crc == "unknown":
            notes.append("crc.unknown")
            if not close[1].strip(b"0"):
                notes.append("crc.zero")
        elif crc == "none":
            notes.append("crc.none")
        if 0 < len(close[1]) < 4:
            notes.append("crc.unpadded")
        if close[1] != close[1].upper():
            notes.append("crc.lowercase")
        if close[2]:
            notes.append("tail.stars")
        if not close[3]:
            notes.append("tail.missing")
        elif len(close[3]) == 1:
            notes.append("tail.lf")
        return Frame(bytes(self._buffer[at : close.end()]), segment, crc, tuple(notes))


def _believable(segment: bytes, crc: str, close: re.Match[bytes]) -> bool:
    """Whether a frame may end where its length field says.

    The checksum alone proves little: one of 256 values, so a wrong length agrees by chance. What
    also counts is the ``&&`` before it, its four digits, the line end, and that no other frame
    begins inside and ends at the same place.
    """
    digits, line = close[1], close[3]
    if b"##" in segment:
        whole = crc not in ("unknown", "none") and segment.endswith(b"&&") and line
        if whole and not _holds_a_frame(segment, int(digits, 16)):
            return True
        # An encrypted body may hold any bytes; only its length can delimit it (hj212.md §5).
        ends = len(digits) == 4 and line == b"\r\n" and segment.endswith(b"&&")
        return ends and is_sealed(segment) and not _HEAD.search(segment)
    if crc == "none":
        return segment.endswith(b"&&") and not segment.endswith(b"CP=&&") and line == b"\r\n"
    if crc == "unknown" and (len(digits) < 4 or segment.endswith(b"CP=&&")):
        return False
    return segment.endswith(b"&&") or (len(digits) == 4 and line == b"\r\n")


def _holds_a_frame(segment: bytes, given: int) -> bool:
    """Whether a frame lies inside *segment*: a whole one, or one that ends with it.

    One that ends with it is known by the checksum *given*; that of an encrypted frame is of its
    plain text and cannot be compared.
    """
    at = segment.find(b"##")
    while at >= 0:
        digits = segment[at + 2 : at + 6]
        if digits.isdigit() and len(digits) == 4:
            end = at + 6 + int(digits)
            inner = segment[at + 6 : end]
            if end == len(segment):
                if is_sealed(inner) or match(inner, given) != "unknown":
                    return True
            elif segment[end : end + 4] == checksum(inner) and inner:
                return True
        at = segment.find(b"##", at + 1)
    return False


def _variant(segment: bytes, given: bytes) -> str:
    return match(segment, int(given, 16)) if given else "none"
