"""Reading (解码): frames to packets, with a verdict and every departure named.

Strict headers take one regular expression; anything else is read field by field. Departures never
raise: they are listed, and ``tables/deviations.csv`` says how much each weighs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qingyuan.hj212.area import read_area
from qingyuan.hj212.clock import instant
from qingyuan.hj212.framer import SEGMENT_LIMIT, Frame, Framer, Noise
from qingyuan.hj212.packet import Deviation, Packet, Reading, Verdict, packet_of
from qingyuan.hj212.sm4 import Key, is_sealed, unseal
from qingyuan.hj212.tables import (
    CODES_2005,
    COMMANDS,
    DEVIATIONS,
    SYSTEMS,
    TIME_FIELDS,
    commands_of,
    detect_dialect,
    dialect_of,
    factor_2017,
)
from qingyuan.hj212.values import odd_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["parse"]

_STRICT = re.compile(
    r"(?:QN=(\d{17});)?ST=([0-9A-Z]{2,3});CN=(\d{4});PW=([^;,=&]*);MN=([^;,=&]+);"
    r"(?:Flag=(\d{1,3});)?(?:PNUM=(\d{1,4});PNO=(\d{1,4});)?(?:RF=(1);)?CP=&&"
)
_LENGTH = re.compile(rb"##([0-9]{4})")
_CRC = re.compile(rb"[0-9A-Fa-f]{1,4}")
_HEADER_ORDER = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF")
_PROPER = {name.upper(): name for name in _HEADER_ORDER}
_WEIGHT = {
    code: {"note": 0, "repair": 1, "reject": 2}[kind.severity] for code, kind in DEVIATIONS.items()
}
_MN_WIDTHS = (14, 24)  # of 2005, and of 2017 and 2025
_VENDOR = frozenset(cn for cn, rows in COMMANDS.items() if rows[0].mark == "vendor")
_AIR = frozenset(st for st, row in SYSTEMS.items() if row["medium"] == "air" and st != "22")
_WATER = frozenset(st for st, row in SYSTEMS.items() if row["medium"] == "water")
_SHORT_CODE = re.compile(r"(?:^|[;,])[0-9A-Z]{2,3}-").search
_WATER_CODE = re.compile(r"w[0-9]{5}").fullmatch
_AIR_CODE = re.compile(r"a[0-9]{5}").fullmatch
_NOISE = frozenset(("23", "36"))
_NO_DUST = frozenset(("23", "36", "51", "52"))
_LEVELS = frozenset(
    ("LA", "L5", "L10", "L50", "L90", "L95", "Leq", "Ldn", "Ld", "Ln", "LMx", "LMn")
)
_VERDICTS = (Verdict.VALID, Verdict.REPAIRED, Verdict.REJECTED)


def parse(
    source: bytes | Frame | Noise, *, dialect: str = "", key: Key | None = None, encoding: str = ""
) -> Packet:
    r"""Read one packet and judge it (解码).

    Parameters
    ----------
    source : bytes, Frame or Noise
        One frame from a `Framer`, or the bytes of one packet (with or without its tail).
    dialect : str
        The dialect of the registered device; without it one is proposed.
    key : Key, optional
        The device's SM4 key; plain packets are read with it all the same. An encrypted packet
        without its key, or with a wrong one, is rejected as ``cipher.no_key`` or
        ``cipher.wrong_key``; its header, which is in clear, can be read.
    encoding : str
        ``gb18030`` for a registered device that writes so, which is then no deviation.

    Returns
    -------
    Packet
        Never raises on their bytes: what cannot be read is ``rejected`` with the reason among its
        deviations, and the raw bytes kept.

    Examples
    --------
    >>> packet = parse(
    ...     b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;"
    ...     b"MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n"
    ... )
    >>> packet.verdict, packet.cn, packet.fields["RtdInterval"]
    (<Verdict.VALID: 'valid'>, '1062', '30')
    """
    known = dialect
    if isinstance(source, bytes):
        source = _only_event(source)
    if isinstance(source, Noise):
        return _unreadable(source)
    if source.crc == "unknown" or not source.segment.isascii():
        source = _in_clear(source, key)
    notes = [Deviation(code) for code in source.notes] if source.notes else []
    text, encoding = _decoded(source.segment, encoding, notes)
    if len(text) != len(source.segment) and "length.wrong" in source.notes:
        announced = _LENGTH.match(source.raw)
        if announced and int(announced[1]) == len(text):
            notes.append(Deviation("length.characters", str(len(text))))
    strict = _STRICT.match(text)
    if strict is not None and text.endswith("&&") and len(text) >= strict.end() + 2:
        qn, st, cn, pw, mn, flag_text, pnum_text, pno_text, rf = strict.groups(default="")
        area = text[strict.end() : -2]
        flag = int(flag_text) if flag_text else None
    else:
        header, area = _tolerant(text, notes)
        qn, st, cn, pw, mn, flag_text, pnum_text, pno_text, rf = (
            header.get(name, "") for name in _HEADER_ORDER
        )
        flag = _whole(flag_text)
    if flag is not None and flag > 255:
        flag = None
    pnum, pno = (_whole(pnum_text), _whole(pno_text)) if pnum_text or pno_text else (None, None)
    dialect = dialect or detect_dialect(st, mn, flag >> 2 if flag else 0)
    _check_header(qn, st, cn, pw, mn, flag_text, flag, notes)
    if pnum_text or pno_text or (flag and flag & 2):
        _check_numbers(flag, pnum_text, pno_text, notes)
    fields, readings = read_area(area, notes) if area else ({}, ())
    _check_area(st, cn, area, fields, readings, flag, notes)
    if known:
        _check_dialect(known, cn, mn, notes)
    elif len(mn) not in _MN_WIDTHS and mn and not dialect_of(dialect).mn.fullmatch(mn):
        notes.append(Deviation("mn.width", mn))
    return packet_of(
        qn,
        st,
        cn,
        pw,
        mn,
        flag,
        pnum,
        pno,
        rf,
        area,
        encoding,
        fields,
        readings,
        source.raw,
        source.crc,
        dialect,
        _verdict(notes) if notes else Verdict.VALID,
        tuple(notes),
    )


def _in_clear(source: Frame, key: Key | None) -> Frame:
    """Decrypt the data area if it is encrypted; if that cannot be, leave it empty and say why."""
    sealed = is_sealed(source.segment)
    if key is None and not sealed:
        return source
    opened = None if key is None else unseal(source.segment, key, crc=_crc_sent(source))
    if opened is None:
        if not sealed:
            return source
        reason = "cipher.no_key" if key is None else "cipher.wrong_key"
        notes = tuple(note for note in source.notes if note != "crc.unknown")
        hollow = source.segment[: source.segment.find(b"CP=&&") + 5] + b"&&"
        return source._replace(segment=hollow, notes=(*notes, reason))
    plain, braces = opened
    # The braces text is longer than what it stands for; its length field may count either.
    stale = {"crc.unknown"}
    if braces:
        announced = _LENGTH.match(source.raw)
        if announced and int(announced[1]) == len(plain):
            stale.add("length.wrong")
        if len(plain) <= SEGMENT_LIMIT:
            stale.add("length.over_1024")
    notes = tuple(note for note in source.notes if note not in stale)
    if braces:
        notes += ("cipher.braces",)
    return source._replace(segment=plain, crc="standard", notes=notes)


def _crc_sent(source: Frame) -> int:
    digits = _CRC.match(source.raw, source.raw.find(source.segment) + len(source.segment))
    return int(digits[0], 16) if digits else -1


def _only_event(raw: bytes) -> Frame | Noise:
    framer = Framer()
    events = framer.feed(raw) + framer.close()
    found = [event for event in events if isinstance(event, Frame)]
    if found:
        return found[0]
    worst = max(events, key=lambda event: len(event.raw), default=Noise(b"", "frame.partial"))
    return Noise(raw, worst.code if isinstance(worst, Noise) else "frame.broken")


def _unreadable(noise: Noise) -> Packet:
    found = (Deviation(noise.code),)
    return Packet(
        *("",) * 5,
        *(None,) * 3,
        "",
        "",
        raw=noise.raw,
        crc="none",
        dialect="unknown",
        verdict=_verdict(found),
        deviations=found,
    )


def _verdict(notes: Sequence[Deviation]) -> Verdict:
    if len(notes) == 1:
        return _VERDICTS[_WEIGHT[notes[0].code]]
    return _VERDICTS[max(_WEIGHT[note.code] for note in notes)]


def _decoded(segment: bytes, wanted: str, notes: list[Deviation]) -> tuple[str, str]:
    if wanted != "gb18030" or segment.isascii():
        try:
            return segment.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    try:
        text = segment.decode("gb18030")
    except UnicodeDecodeError:
        notes.append(Deviation("encoding.unknown"))
        return segment.decode("latin-1"), "latin-1"
    if wanted != "gb18030":
        notes.append(Deviation("encoding.gb18030"))
    return text, "gb18030"


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _tolerant(text: str, notes: list[Deviation]) -> tuple[dict[str, str], str]:
    """Read a header that is not in the standard's own form, and find the data area."""
    head, found, rest = text.partition("CP=&&")
    area = ""
    if not found:
        notes.append(Deviation("area.missing"))
    else:
        body, close, after = rest.partition("&&")
        # Header fields after the data area exist (hj212.md §8: Flag written after CP).
        area = body
        if not close:
            notes.append(Deviation("area.unclosed"))
        elif after:
            head = f"{head};{after.removeprefix(';')}"
            notes.append(Deviation("header.order", after[:40]))
    header: dict[str, str] = {}
    pieces = head.removesuffix(";").split(";")
    for piece in pieces:
        name, _, value = piece.strip(", ").partition("=")
        proper = _PROPER.get(name.upper(), name)
        if piece != piece.strip(", ") or not piece:
            notes.append(Deviation("header.separator", piece))
        if not name:
            continue
        if proper not in _HEADER_ORDER:
            notes.append(Deviation("header.unknown", piece[:40]))
        elif proper != name:
            notes.append(Deviation("header.case", name))
        if proper in header:
            notes.append(Deviation("header.repeated", proper))
        if proper == "QN" and not value:
            notes.append(Deviation("qn.empty"))
        header.setdefault(proper, value)
    known = [name for name in header if name in _HEADER_ORDER]
    if known != sorted(known, key=_HEADER_ORDER.index):
        notes.append(Deviation("header.order", ";".join(known)))
    return header, area


def _check_header(
    qn: str,
    st: str,
    cn: str,
    pw: str,
    mn: str,
    flag_text: str,
    flag: int | None,
    notes: list[Deviation],
) -> None:
    if not qn:
        if not any(note.code == "qn.empty" for note in notes):
            notes.append(Deviation("qn.missing"))
    elif len(qn) != 17 or instant(qn) is None:
        notes.append(Deviation("qn.invalid", qn))
    if len(st) != 2:
        notes.append(Deviation("st.width", st))
    elif st not in SYSTEMS:
        notes.append(Deviation("st.unknown", st))
    if cn not in COMMANDS:
        bad = len(cn) != 4 or not cn.isdigit()
        notes.append(Deviation("header.no_cn" if bad else "cn.unknown", cn))
    if len(pw) != 6:
        notes.append(Deviation("pw.width", str(len(pw))))
    if not mn:
        notes.append(Deviation("header.no_mn"))
    if flag is None:
        notes.append(Deviation("flag.invalid" if flag_text else "flag.missing", flag_text))


def _check_numbers(flag: int | None, pnum_text: str, pno_text: str, notes: list[Deviation]) -> None:
    """Check PNUM and PNO, which belong to bit 1 of Flag (hj212.md §6.6)."""
    if flag is None or not flag & 2:
        notes.append(Deviation("pnum.unflagged"))
    elif _whole(pnum_text) is None or _whole(pno_text) is None:
        notes.append(Deviation("pnum.missing"))
    if pnum_text.startswith("0") or pno_text.startswith("0"):
        notes.append(Deviation("pnum.padded", f"{pno_text}/{pnum_text}"))


def _check_area(
    st: str,
    cn: str,
    area: str,
    fields: Mapping[str, str],
    readings: tuple[Reading, ...],
    flag: int | None,
    notes: list[Deviation],
) -> None:
    """Check what header and data area say together."""
    if cn == "2011" and st == "91" and not area:
        notes.append(Deviation("heartbeat.disguised"))
    elif cn in _VENDOR:
        notes.append(Deviation("cn.vendor", cn))
    if "QN" in fields and notes:
        missing = Deviation("qn.missing")
        if missing in notes:
            notes.remove(missing)
            notes.append(Deviation("qn.in_area", fields["QN"]))
    for name, value in fields.items():
        if name in TIME_FIELDS and (len(value) != 14 or instant(value) is None):
            notes.append(odd_time(name, value))
    if readings:
        _check_factors(st, area, readings, flag, notes)


def _check_factors(
    st: str,
    area: str,
    readings: tuple[Reading, ...],
    flag: int | None,
    notes: list[Deviation],
) -> None:
    """Check factor codes against edition and system code; the text is searched before any loop."""
    if flag and flag >> 2 and _SHORT_CODE(area):
        old = [code for code, _ in readings if code in CODES_2005 and factor_2017(code, st=st)]
        notes.extend(Deviation("factor.code_2005", code) for code in dict.fromkeys(old))
    if st in _AIR and (";w" in area or area[0] == "w"):
        notes.extend(Deviation("factor.medium", code) for code, _ in readings if _WATER_CODE(code))
    elif st in _WATER and (";a" in area or area[0] == "a"):
        notes.extend(Deviation("factor.medium", code) for code, _ in readings if _AIR_CODE(code))
    if (";L" in area or area[0] == "L") and st not in _NOISE:
        notes.extend(Deviation("st.mixed", code) for code, _ in readings if code in _LEVELS)
    elif st in _NO_DUST and "a34" in area:
        notes.extend(Deviation("st.mixed", code) for code, _ in readings if code[:3] == "a34")


def _check_dialect(known: str, cn: str, mn: str, notes: list[Deviation]) -> None:
    """Check what the dialect of a registered device does not have."""
    if cn in COMMANDS and known != "unknown" and cn not in commands_of(known):
        notes.append(Deviation("cn.edition", cn))
    if mn and not dialect_of(known).mn.fullmatch(mn):
        notes.append(Deviation("mn.width", mn))
