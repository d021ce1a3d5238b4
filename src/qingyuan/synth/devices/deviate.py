"""Deviations (偏差): every departure of hj212.md §6, made on purpose.

Each is named by the code under which a platform should note it (``tables/deviations.csv`` of
`hj212`). Those of one packet change a `Draft`; those of a station's manners have no ``apply`` and
are played by the station or the fleet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from qingyuan.hj212 import CODES_2005
from qingyuan.hj212.crc import checksum, modbus16

__all__ = ["DEVIATIONS", "MANNERS", "Deviation", "Draft", "changed", "deviated"]

_SEGMENT = re.compile(rb"##[0-9]{4}(.*)[0-9A-F]{4}\r\n", re.DOTALL)
_NUMBER = re.compile(r"-(?:Rtd|Avg)=([0-9.]+)")
_POLL = b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a"
_PROBE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Draft:
    """A packet before it is written: whatever is changed here, is sent wrong."""

    header: list[list[str]]
    area: str
    encoding: str = "utf-8"
    length: Callable[[str, bytes], str] = lambda text, data: f"{len(data):04d}"
    crc: Callable[[bytes], bytes] = checksum
    close: str = "&&"
    after: str = ""
    tail: bytes = b"\r\n"
    before: bytes = b""

    def wire(self) -> bytes:
        """Write it."""
        head = ";".join(f"{name}={value}" for name, value in self.header)
        text = f"{head};CP=&&{self.area}{self.close}{self.after}"
        data = text.encode(self.encoding)
        size = self.length(text, data).encode()
        return self.before + b"##" + size + data + self.crc(data) + self.tail

    def set(self, name: str, value: str, *, called: str = "") -> None:
        """Change a header field."""
        for pair in self.header:
            if pair[0] == name:
                pair[:] = [called or name, value]

    def drop(self, name: str) -> None:
        """Leave a header field out."""
        self.header = [pair for pair in self.header if pair[0] != name]

    def of(self, name: str) -> str:
        """Return a header field."""
        return next((value for known, value in self.header if known == name), "")

    def value(self, text: str) -> None:
        """Write *text* as the first value."""
        self.area = _NUMBER.sub(lambda found: found[0][: -len(found[1])] + text, self.area, count=1)

    def add(self, item: str) -> None:
        """Add an item to the data area."""
        self.area += f";{item}"


class Deviation(NamedTuple):
    """One deviation: its name, its place in hj212.md §6, and how a packet is made that has it."""

    name: str
    point: int
    apply: Callable[[Draft], object] | None
    zh: str
    en: str


def _swapped(data: bytes) -> bytes:
    return modbus16(data).to_bytes(2, "little").hex().upper().encode()


def _stale(data: bytes) -> bytes:
    right = int(checksum(data), 16)
    return b"%04X" % (right ^ 0x5A5B)  # outside the 256 values there are


def _unpadded(draft: Draft) -> None:
    """Find a wording whose checksum begins with a zero; one in sixteen does."""
    for number in range(400):
        pad = f"{draft.area};i13003-Info={number}"
        text = ";".join(f"{n}={v}" for n, v in draft.header) + f";CP=&&{pad}&&"
        if checksum(text.encode()).startswith(b"0"):
            draft.area = pad
            break
    draft.crc = lambda data: checksum(data).lstrip(b"0") or b"0"


def _order(draft: Draft) -> None:
    names = [pair[0] for pair in draft.header]
    pw, mn = names.index("PW"), names.index("MN")
    draft.header[pw], draft.header[mn] = draft.header[mn], draft.header[pw]


def _flag_last(draft: Draft) -> None:
    draft.after = f";Flag={draft.of('Flag')}"
    draft.drop("Flag")


def _too_long(draft: Draft) -> None:
    while len(draft.area) < 1100:
        draft.add(f"w9{len(draft.area):04d}-Rtd=0.000,w9{len(draft.area):04d}-Flag=N")


def _numbers(pnum: str, pno: str, *, flag: int = 0) -> Callable[[Draft], None]:
    def apply(draft: Draft) -> None:
        draft.header = [p for p in draft.header if p[0] not in ("PNUM", "PNO")]
        draft.set("Flag", str(int(draft.of("Flag") or 4) & ~2 | flag))
        draft.header += [["PNUM", pnum], ["PNO", pno]]

    return apply


def _old_codes(draft: Draft) -> None:
    draft.set("ST", "32")
    draft.set("Flag", str(int(draft.of("Flag") or 5) | 4))
    code = next(code for code, row in CODES_2005.items() if row["medium"] == "water")
    draft.area = f"{draft.area.partition(';')[0]};{code}-Rtd=7.01,{code}-Flag=N"


def _words(draft: Draft) -> None:
    draft.add("i11001-Info=//清洗管路//")


def _gbk(draft: Draft) -> None:
    _words(draft)
    draft.encoding = "gb18030"


def _characters(draft: Draft) -> None:
    _words(draft)
    draft.length = lambda text, data: f"{len(text):04d}"


def _set(**fields: object) -> Callable[[Draft], None]:
    def apply(draft: Draft) -> None:
        for name, value in fields.items():
            setattr(draft, name, value)

    return apply


def _both(*changes: Callable[[Draft], object]) -> Callable[[Draft], None]:
    def apply(draft: Draft) -> None:
        for change in changes:
            change(draft)

    return apply


def _field(name: str, value: str, *, called: str = "") -> Callable[[Draft], None]:
    def apply(draft: Draft) -> None:
        draft.set(name, value, called=called)

    return apply


def _item(text: str) -> Callable[[Draft], None]:
    def apply(draft: Draft) -> None:
        draft.add(text)

    return apply


def _area(change: Callable[[str], str]) -> Callable[[Draft], None]:
    def apply(draft: Draft) -> None:
        draft.area = change(draft.area)

    return apply


_ALL = (
    Deviation("crc.modbus", 1, _set(crc=lambda data: b"%04X" % modbus16(data)), "CRC 用 Modbus 算法", "CRC is Modbus"),
    Deviation("crc.modbus_swapped", 1, _set(crc=_swapped), "Modbus CRC 且高低字节颠倒", "CRC is Modbus, bytes swapped"),
    Deviation("crc.zero", 1, _set(crc=lambda data: b"0000"), "CRC 恒为 0000", "CRC is always 0000"),
    Deviation("crc.unknown", 1, _set(crc=_stale), "CRC 不对", "CRC is wrong"),
    Deviation("crc.none", 1, _set(crc=lambda data: b""), "没有 CRC", "no CRC"),
    Deviation("crc.lowercase", 2, _set(crc=lambda data: checksum(data).lower()), "CRC 小写", "CRC in lower case"),
    Deviation("crc.unpadded", 2, _unpadded, "CRC 未补零", "CRC not padded"),
    Deviation("length.digits", 3, _set(length=lambda text, data: f"{len(data):d}"), "长度未补零", "length not padded"),
    Deviation("length.characters", 3, _characters, "长度按字符计", "length in characters"),
    Deviation("length.wrong", 3, _set(length=lambda text, data: f"{len(data) + 3:04d}"), "长度差几个字节", "length off by a few"),
    Deviation("length.over_1024", 4, _too_long, "超过 1024 字节不分包", "over 1024 bytes, not split"),
    Deviation("qn.missing", 5, lambda d: d.drop("QN"), "没有 QN", "no QN"),
    Deviation("qn.empty", 5, _field("QN", ""), "QN 为空", "QN empty"),
    Deviation("flag.missing", 5, lambda d: d.drop("Flag"), "没有 Flag", "no Flag"),
    Deviation("header.case", 5, lambda d: d.set("Flag", d.of("Flag"), called="FLAG"), "FLAG 大写", "FLAG in capitals"),
    Deviation("header.order", 5, _order, "MN 在 PW 之前", "MN before PW"),
    Deviation("header.separator", 5, lambda d: d.set("MN", d.of("MN"), called=",MN"), "PW=…;,MN=", "PW=…;,MN="),
    Deviation("pw.width", 5, lambda d: d.set("PW", d.of("PW") + "0" * 18), "PW 24 位", "PW of 24 characters"),
    Deviation("st.width", 5, _field("ST", "101"), "ST 三位", "ST of three digits"),
    Deviation("pnum.unflagged", 6, _numbers("1", "1"), "有包号而 Flag 未标", "packet numbers without the bit"),
    Deviation("pnum.padded", 6, _numbers("0001", "0001", flag=2), "包号补零", "packet numbers padded"),
    Deviation("area.separator", 7, _area(lambda area: area + ";"), "&& 前多一个分号", "a stray ; before &&"),
    Deviation("area.separator_missing", 7, _area(lambda area: f"{area},w20143-Flag=Nw20144-Rtd=1.0"), "缺少分号", "a semicolon is missing"),
    Deviation("area.comma", 7, _area(lambda area: f"BeginTime={area[9:23]},EndTime={area[9:23]};{area}"), "该用分号处用了逗号", "a comma for a semicolon"),
    Deviation("area.spaces", 7, _area(lambda area: area.replace(";", "; ", 1)), "数据区有空格", "spaces in the area"),
    Deviation("suffix.unknown", 7, _item("LA-td=50.1"), "LA-td（标准示例的误印）", "LA-td (misprint of the standard)"),
    Deviation("time.milliseconds", 8, _area(lambda area: area[:23] + "000" + area[23:]), "DataTime 带毫秒", "DataTime with milliseconds"),
    Deviation("time.empty", 8, _item("w01001-SampleTime=,w01001-Rtd=7.0"), "SampleTime 为空", "SampleTime empty"),
    Deviation("area.flag_without_factor", 9, _item("Flag=N"), "Flag 前无因子", "Flag without a factor"),
    Deviation("area.repeated", 9, _item("e01001-Rtd=1.0;e01001-Rtd=2.0"), "同一因子两次", "a factor twice"),
    Deviation("factor.code_2005", 10, _old_codes, "新版报文用旧编码", "codes of 2005 under a new header"),
    Deviation("factor.medium", 10, _both(_field("ST", "31"), _item("w01018-Rtd=1.0,w01018-Flag=N")), "废气系统编码下的水质因子", "a water factor under ST=31"),
    Deviation("value.empty", 11, lambda d: d.value(""), "值为空", "an empty value"),
    Deviation("value.not_number", 11, lambda d: d.value("NaN"), "值为 NaN", "NaN"),
    Deviation("value.scientific", 11, lambda d: d.value("1.250E-02"), "科学记数法", "scientific notation"),
    Deviation("value.plus", 11, lambda d: d.value("+1.25"), "带正号", "a plus sign"),
    Deviation("value.precision", 11, lambda d: d.value("1.250000000001"), "十二位小数", "twelve decimals"),
    Deviation("value.negative", 11, _item("w21003-Rtd=-0.02,w21003-Flag=N"), "负浓度", "a negative concentration"),
    Deviation("value.sentinel", 11, lambda d: d.value("999.99"), "占位数", "a placeholder"),
    Deviation("encoding.gb18030", 12, _gbk, "GBK 文字", "text in GBK"),
    Deviation("tail.lf", 13, _set(tail=b"\n"), "只有 LF", "LF only"),
    Deviation("tail.missing", 13, _set(tail=b""), "没有包尾", "no tail"),
    Deviation("tail.stars", 13, _set(tail=b"**\r\n"), "CRC 后有 **", "** after the CRC"),
    Deviation("frame.blank", 13, _set(tail=b"\r\n\r\n"), "两个 CRLF", "two CR LF"),
    Deviation("frame.cut", 13, None, "逐段发送，任意切断", "sent in pieces, cut anywhere"),
    Deviation("frame.foreign", 14, _set(before=b"DTU+0001\r\n" + _POLL + _PROBE), "注册串、Modbus 与 HTTP", "registration, Modbus and HTTP"),
    Deviation("link.several_devices", 15, None, "一条连接多个 MN", "several devices on one connection"),
    Deviation("link.several_links", 15, None, "同一 MN 两条连接", "one device on two connections"),
    Deviation("link.storm", 15, None, "不断重连", "reconnects again and again"),
    Deviation("repeat.same", 16, None, "同一包发两次", "every packet twice"),
    Deviation("repeat.changed", 16, None, "重发时内容改变", "re-sent with another value"),
    Deviation("answer.insists", 17, None, "未要求应答却等待应答", "waits for answers it does not ask for"),
    Deviation("answer.deaf", 17, None, "不理会 9014", "does not heed 9014"),
    Deviation("cn.vendor", 18, _both(_field("CN", "9021"), _set(area="")), "厂商登录包 9021", "a vendor's login 9021"),
    Deviation("heartbeat.disguised", 18, _both(_field("ST", "91"), _field("CN", "2011"), _set(area="")), "空的 2011 作心跳", "an empty 2011 as heartbeat"),
    Deviation("st.mixed", 19, _both(_field("ST", "51"), _item("LA-Rtd=51.2,LA-Flag=N")), "噪声因子用在别的 ST", "noise under another ST"),
)  # fmt: skip

DEVIATIONS = {deviation.name: deviation for deviation in _ALL}


#: Deviations that a station or the fleet plays instead of changing one packet.
MANNERS = frozenset(name for name, deviation in DEVIATIONS.items() if deviation.apply is None)


def deviated(raw: bytes, name: str) -> bytes:
    """Return a correct packet *raw*, made wrong in one way."""
    apply = DEVIATIONS[name].apply
    draft = _draft(raw)
    if apply is None or draft is None:
        return raw
    apply(draft)
    return draft.wire()


def changed(raw: bytes) -> bytes:
    """Return a correct packet with another first value, correctly framed."""
    draft = _draft(raw)
    if draft is None:
        return raw
    draft.value("0.777")
    return draft.wire()


def _draft(raw: bytes) -> Draft | None:
    found = _SEGMENT.fullmatch(raw)
    if found is None:
        return None
    try:
        head, _, area = found[1].decode("utf-8").partition(";CP=&&")
    except UnicodeDecodeError:  # encrypted: what cannot be read cannot be misspelt
        return None
    return Draft([pair.split("=", 1) for pair in head.split(";")], area.removesuffix("&&"))
