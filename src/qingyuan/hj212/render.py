"""Rendering (编码): packets to bytes, strictly by the standard.

HJ 212-2017 6.2: ``##``, four digits of length, the data segment, four hexadecimal digits of CRC,
CR LF. Lenient when reading, strict when writing: what cannot be said correctly is a Problem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from qingyuan.core.problems import Problem
from qingyuan.hj212.clock import qn_of, stamp
from qingyuan.hj212.crc import checksum
from qingyuan.hj212.framer import SEGMENT_LIMIT
from qingyuan.hj212.packet import Packet
from qingyuan.hj212.sm4 import Key, seal

__all__ = [
    "SEGMENT_LIMIT",
    "answer",
    "frame",
    "heartbeat",
    "render",
    "request",
    "upload",
    "uploads",
]

_HEADER = {
    "QN": re.compile(r"\d{17}|"),
    "ST": re.compile(r"[0-9A-Z]{2}"),
    "CN": re.compile(r"\d{4}"),
    "PW": re.compile(r"[^;,=&#\s]*"),
    "MN": re.compile(r"[^;,=&#\s]+"),
}
_REPEATED = re.compile(r"[A-Za-z0-9_.:-]{0,40}")
_AREA = re.compile(r"(?!&)(?:[^&\r\n]|&(?!&))*(?<!&)")
_OVERHEAD = 12  # head, length, checksum, tail
_CONTROL = 0b11  # the two low bits of Flag
_ANSWERS = {"9011": "QnRtn", "9012": "ExeRtn", "9013": "", "9014": ""}


def frame(segment: bytes, *, key: Key | None = None) -> bytes:
    """Wrap a data segment into head, length, checksum and tail (通讯包).

    With a *key* the data area is encrypted; the checksum stays that of the plain segment.
    """
    if len(segment) > SEGMENT_LIMIT:
        raise Problem("hj212.segment_too_long", given=len(segment), limit=SEGMENT_LIMIT)
    sent = segment if key is None else seal(segment, key)
    return b"##%04d%b%b\r\n" % (len(segment), sent, checksum(segment))


def render(packet: Packet, *, key: Key | None = None) -> bytes:
    """Write *packet* as the standard demands.

    Parameters
    ----------
    packet : Packet
        Its header and data area are written; raw bytes, verdict and readings are not read.
    key : Key, optional
        Encrypts the data area (2025, second-hand; see `sm4`).

    Returns
    -------
    bytes
        The whole frame; ``parse(render(packet)) == packet``.

    Raises
    ------
    Problem
        ``hj212.cannot_render`` for a header field or data area the standard does not allow;
        ``hj212.segment_too_long`` over 1024 bytes: split it with PNUM and PNO.
    """
    for name, value in (
        ("QN", packet.qn),
        ("ST", packet.st),
        ("CN", packet.cn),
        ("PW", packet.pw),
        ("MN", packet.mn),
    ):
        if not _HEADER[name].fullmatch(value):
            raise Problem("hj212.cannot_render", field=name, given=value)
    numbers = (packet.pnum is not None, packet.pno is not None)
    split = packet.flag is not None and bool(packet.flag & 2)
    if numbers != (split, split):
        raise Problem("hj212.cannot_render", field="PNUM/PNO", given=f"Flag={packet.flag}")
    if packet.flag is not None and not 0 <= packet.flag <= 255:
        raise Problem("hj212.cannot_render", field="Flag", given=packet.flag)
    if not _AREA.fullmatch(packet.area):
        raise Problem("hj212.cannot_render", field="CP", given=packet.area[:40])
    return frame(_segment(packet).encode(packet.encoding), key=key)


def _segment(packet: Packet) -> str:
    parts = [f"QN={packet.qn}"] if packet.qn else []
    parts += [f"ST={packet.st}", f"CN={packet.cn}", f"PW={packet.pw}", f"MN={packet.mn}"]
    if packet.flag is not None:
        parts.append(f"Flag={packet.flag}")
    if packet.pnum is not None:
        parts += [f"PNUM={packet.pnum}", f"PNO={packet.pno}"]
    if packet.rf:
        parts.append(f"RF={packet.rf}")
    parts.append(f"CP=&&{packet.area}&&")
    return ";".join(parts)


def upload(
    *,
    cn: str,
    mn: str,
    st: str,
    pw: str,
    qn: str | datetime,
    data_time: str | datetime,
    values: Mapping[str, Mapping[str, str]],
    flag: int = 5,
    pnum: int | None = None,
    pno: int | None = None,
) -> bytes:
    """Write an upload (2011 实时, 2051 分钟, 2061 小时, 2031 日) as a site sends it.

    Parameters
    ----------
    qn, data_time : str or datetime
        As text, or an aware instant, written in Beijing time. ``data_time`` is the instant for
        2011 and 2021, the START of the interval for the others (hj212.md §3).
    values : mapping
        ``{"w21003": {"Rtd": "0.35", "Flag": "N"}}``; texts are sent as they are.
    flag : int
        5 asks for a 9014, 4 does not; add 2 together with ``pnum`` and ``pno``.

    Raises
    ------
    Problem
        As `render`.
    """
    when = data_time if isinstance(data_time, str) else stamp(data_time)
    items = [f"DataTime={when}"]
    for code, suffixes in values.items():
        pairs = [f"{code}-{suffix}={_plain(text)}" for suffix, text in suffixes.items()]
        items.append(",".join(pairs))
    number = qn if isinstance(qn, str) else qn_of(qn)
    return render(Packet(number, st, cn, pw, mn, flag, pnum, pno, "", ";".join(items)))


def uploads(
    *,
    cn: str,
    mn: str,
    st: str,
    pw: str,
    qn: datetime,
    data_time: str | datetime,
    values: Mapping[str, Mapping[str, str]],
    flag: int = 5,
) -> list[bytes]:
    """Write an upload of any size: one packet, or as many as the limit of 1024 bytes asks for.

    Every part repeats DataTime and has its own QN, one millisecond after the one before
    (HJ 212-2017 表C.49, C.50); a factor is never cut. Parameters and problems as `upload`.
    """

    def part(number: int, some: Mapping[str, Mapping[str, str]], *, of: int | None = None) -> bytes:
        return upload(
            cn=cn,
            mn=mn,
            st=st,
            pw=pw,
            qn=qn + timedelta(milliseconds=number),
            data_time=data_time,
            values=some,
            flag=flag if of is None else flag | 2,
            pnum=of,
            pno=None if of is None else number + 1,
        )

    room = SEGMENT_LIMIT - (len(part(9998, {}, of=9999)) - _OVERHEAD)
    parts: list[dict[str, Mapping[str, str]]] = [{}]
    used = 0
    for code, suffixes in values.items():
        size = sum(len(f",{code}-{name}={text}".encode()) for name, text in suffixes.items())
        if used + size > room and parts[-1]:
            parts.append({})
            used = 0
        parts[-1][code] = suffixes
        used += size
    if len(parts) == 1:
        return [part(0, values)]
    return [part(number, some, of=len(parts)) for number, some in enumerate(parts)]


def _plain(text: object) -> str:
    if not isinstance(text, str) or any(mark in text for mark in ";,=&\r\n"):
        raise Problem("hj212.cannot_render", field="CP", given=text)
    return text


def answer(packet: Packet, cn: str = "9014", *, result: int = 1, qn_in_area: bool = False) -> bytes:
    """Write the answer to *packet* (应答): same QN, PW and MN; Flag keeps only its version bits.

    Parameters
    ----------
    cn : str
        9014 数据应答, 9013 通知应答, 9011 请求应答, 9012 执行结果.
    result : int
        QnRtn of a 9011 or ExeRtn of a 9012; 1 is "go on" and "done".
    qn_in_area : bool
        Write the QN inside the data area, as replies of HJ/T 212-2005 do (unverified).

    Raises
    ------
    Problem
        ``hj212.cannot_render`` if *cn* is no answer, or the packet has no usable header.
    """
    if cn not in _ANSWERS:
        raise Problem("hj212.cannot_render", field="CN", given=cn)
    name = _ANSWERS[cn]
    # A packet without Flag is answered without one: its sender speaks HJ/T 212-2005.
    flag = None if packet.flag is None else packet.flag & ~_CONTROL
    qn = packet.exchange if qn_in_area else packet.qn
    pairs = [f"QN={qn}"] if qn_in_area and qn else []
    area = ";".join([*pairs, f"{name}={result}"] if name else pairs)
    # What is repeated is repeated as it came, even where the sender broke the standard.
    for field, value in (("QN", qn), ("PW", packet.pw), ("MN", packet.mn)):
        if not _REPEATED.fullmatch(value):
            raise Problem("hj212.cannot_render", field=field, given=value)
    head = "" if qn_in_area else qn
    reply = Packet(head, "91", cn, packet.pw, packet.mn, flag, None, None, "", area)
    return frame(_segment(reply).encode("ascii"))


def heartbeat(*, mn: str, st: str, pw: str, qn: str | datetime, flag: int = 5) -> bytes:
    """Write a heartbeat (心跳 9015): reserved in 2017, standard in 2025; answered by 9013."""
    number = qn if isinstance(qn, str) else qn_of(qn)
    return render(Packet(number, st, "9015", pw, mn, flag, None, None, "", ""))


def request(
    *, cn: str, mn: str, st: str, pw: str, qn: str | datetime, area: str = "", flag: int = 5
) -> bytes:
    """Write a request or notice of the platform (请求、通知), for example 2061 with a time range."""
    number = qn if isinstance(qn, str) else qn_of(qn)
    return render(Packet(number, st, cn, pw, mn, flag, None, None, "", area))
