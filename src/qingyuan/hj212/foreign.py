"""Foreign bytes (外来字节): what else knocks on the port, told apart for a person (hj212.md §6.14)."""

from __future__ import annotations

import re

__all__ = ["name_of_foreign"]

_KINDS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"(?:GET|POST|HEAD|PUT|OPTIONS|CONNECT|DELETE|PRI) \S"), "HTTP 请求", "an HTTP request"),
    (re.compile(rb"HTTP/\d"), "HTTP 应答", "an HTTP response"),
    (re.compile(rb"SSH-\d"), "SSH 连接", "an SSH connection"),
    (re.compile(rb"\x16\x03[\x00-\x04]"), "TLS 握手", "a TLS handshake"),
    (re.compile(rb"\xff[\xfb-\xfe]"), "Telnet 协商", "a Telnet negotiation"),
    (re.compile(rb"..\x00\x00\x00.[\x00-\xff][\x01-\x10]", re.DOTALL), "Modbus-TCP 报文", "a Modbus-TCP message"),
    (re.compile(rb"[\x01-\xf7][\x01-\x06\x0f\x10].{4,6}\Z", re.DOTALL), "可能是 Modbus-RTU 报文", "perhaps a Modbus-RTU message"),
    (re.compile(rb"\x03\x00\x00"), "远程桌面（RDP）探测", "a remote desktop (RDP) probe"),
    (re.compile(rb"(?:AT\+|\+C|OK\r|ERROR)"), "DTU 的 AT 指令", "AT commands of a DTU"),
    (re.compile(rb"[0-9A-Za-z_:+,.\- ]{1,64}\s*\Z"), "可能是 DTU 注册串或心跳字符", "perhaps a registration string or keep-alive of a DTU"),
)  # fmt: skip


def name_of_foreign(raw: bytes) -> tuple[str, str]:
    """Say in Chinese and English what bytes that are no packet look like."""
    text = raw.lstrip(b"\r\n \t\0")
    for kind, zh, en in _KINDS:
        if kind.match(raw) or kind.match(text):
            return f"不是 HJ 212 数据包：{zh}", f"not a packet of HJ 212: {en}"
    return "不是 HJ 212 数据包", "not a packet of HJ 212"
