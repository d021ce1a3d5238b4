r"""What a message looks like outside (对外格式): robots of WeCom and DingTalk, a signed post, a mail.

Pure: titles and links in, one request out. Only number, type, district, deadline and link leave the
house; whoever writes a title answers for that. Sources: WeCom robot manual (text up to 2,048 bytes,
markdown up to 4,096, 20 messages a minute), DingTalk custom robot (sign = HMAC-SHA256 of
``timestamp + "\n" + secret``, 20 a minute, beyond it ten minutes of silence).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

__all__ = ["Line", "Post", "accepted", "mail_text", "post"]

_MOST_BYTES = 3800  # of one markdown message: WeCom takes 4,096
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One message: its title and the address where it is read."""

    title: str
    link: str


@dataclass(frozen=True, slots=True)
class Post:
    """One HTTP request to be made."""

    address: str
    body: bytes
    headers: dict[str, str]


def _folded(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """Return the lines that fit into one message and how many were left out."""
    kept: list[Line] = []
    size = 0
    for line in lines[:_MOST_LINES]:
        size += len(f"- [{line.title}]({line.link})\n".encode())
        if size > _MOST_BYTES and kept:
            break
        kept.append(line)
    return kept, len(lines) - len(kept)


def _markdown(lines: Sequence[Line]) -> str:
    kept, more = _folded(lines)
    clean = [(line.title.translate({91: "［", 93: "］", 10: " "}), line.link) for line in kept]
    rows = [f"- [{title}]({link})" for title, link in clean]
    if more:
        rows.append(f"- 另有 {more} 条，请登录查看")
    return "\n".join(rows)


def mail_text(lines: Sequence[Line]) -> tuple[str, str]:
    """Return subject and body of one mail."""
    subject = lines[0].title if len(lines) == 1 else f"{len(lines)} 条新消息"
    body = "\n\n".join(f"{line.title}\n{line.link}" for line in lines)
    return subject.replace("\n", " ").replace("\r", " "), body + "\n\n—— 本邮件由平台自动发送\n"


def post(kind: str, address: str, secret: str, lines: Sequence[Line], *, at: datetime) -> Post:
    """Return the request that tells *lines* to one channel, signed if it has a secret.

    Parameters
    ----------
    kind : str
        ``wecom``, ``dingtalk`` or ``webhook``.
    at : datetime
        Wall time of the request; part of the signature.
    """
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if kind == "webhook":
        body = _json(
            {
                "sent_at": at.isoformat(),
                "messages": [{"title": x.title, "url": x.link} for x in lines],
            }
        )
        stamp = str(int(at.timestamp()))
        signed = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        headers |= {"X-Qingyuan-Timestamp": stamp}
        if secret:
            headers |= {"X-Qingyuan-Signature": f"sha256={signed.hexdigest()}"}
        return Post(address, body, headers)
    title = lines[0].title if len(lines) == 1 else f"{len(lines)} 条新消息"
    text = _markdown(lines)
    if kind == "wecom":
        return Post(address, _json({"msgtype": "markdown", "markdown": {"content": text}}), headers)
    body = _json({"msgtype": "markdown", "markdown": {"title": title, "text": text}})
    return Post(_signed_for_dingtalk(address, secret, at) if secret else address, body, headers)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _signed_for_dingtalk(address: str, secret: str, at: datetime) -> str:
    stamp = str(int(at.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    parts = urlsplit(address)
    query = urlencode(parse_qsl(parts.query))
    query += ("&" if query else "") + f"timestamp={stamp}&sign="
    query += quote_plus(base64.b64encode(digest).decode())
    return urlunsplit(parts._replace(query=query))


def accepted(kind: str, status: int, body: bytes) -> str:
    """Return ``""`` if the other side took the message, else what it said (robots answer 200)."""
    if not 200 <= status < 300:
        return f"HTTP {status}"
    if kind == "webhook":
        return ""
    try:
        said = json.loads(body)
        code = int(said.get("errcode", 0))
    except (ValueError, AttributeError, TypeError):
        return "answer is not JSON"
    return "" if code == 0 else f"errcode {code} {str(said.get('errmsg', ''))[:160]}"
