"""Encryption (加密): SM4 over the data area, as HJ 212-2025 is understood (second-hand).

SM4-ECB without padding: whole blocks of 16 bytes between ``CP=&&`` and the closing ``&&`` are
encrypted, a tail shorter than 16 stays in clear, the length does not change, and the checksum is
that of the plain segment (hj212.md §5). We send raw bytes; the printed form ``{0xE4,0x3E,…}tail``
is read as well. Confirm with a real logger of 2025 before relying on it.
"""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from qingyuan.hj212.crc import crc16

__all__ = ["Key", "is_sealed", "seal", "unseal"]

_BLOCK = 16
_OPEN = b"CP=&&"
_CLOSE = b"&&"
_BRACES = re.compile(rb"\{(0[xX][0-9A-Fa-f]{2}(?:,0[xX][0-9A-Fa-f]{2})*)\}")
_PLAIN = re.compile(rb"[ -~]{16}|[ -~]{1,15}=")
_VERSION = re.compile(rb"Flag=([0-9]{1,3});")
_FIRST_SEALED = 2  # version bits of HJ 212-2025; earlier editions know no encryption


class Key:
    """A device's key of sixteen bytes (密钥), which never shows itself in a log or a traceback.

    Parameters
    ----------
    secret : bytes
        Exactly sixteen bytes.
    """

    __slots__ = ("__secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _BLOCK:
            raise ValueError("an SM4 key has sixteen bytes")
        self.__secret = bytes(secret)

    def __repr__(self) -> str:
        return "Key(…)"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written down")

    def encrypt(self, area: bytes) -> bytes:
        """Encrypt the whole blocks of *area*; the tail stays as it is."""
        whole = len(area) - len(area) % _BLOCK
        return self._cipher().encryptor().update(area[:whole]) + area[whole:]

    def decrypt(self, area: bytes) -> bytes:
        """Undo `encrypt`."""
        whole = len(area) - len(area) % _BLOCK
        return self._cipher().decryptor().update(area[:whole]) + area[whole:]

    def _cipher(self) -> Cipher[modes.ECB]:
        return Cipher(algorithms.SM4(self.__secret), modes.ECB())


def seal(segment: bytes, key: Key) -> bytes:
    """Encrypt the data area of a plain data segment; its length stays the same."""
    head, area = _parts(segment)
    return head + key.encrypt(area) + _CLOSE if head else segment


def unseal(segment: bytes, key: Key, *, crc: int) -> tuple[bytes, bool] | None:
    """Decrypt a segment if *key* fits: the result is text and has the checksum *crc*.

    Returns
    -------
    tuple or None
        The plain segment, and whether the cipher came as braces text; None when the key is wrong
        or nothing is encrypted. One wrong key in 256 has the checksum, so the first block must
        read as the beginning of a data area too.
    """
    head, area = _parts(segment)
    braces = _BRACES.match(area)
    if braces:
        area = bytes(int(byte, 16) for byte in braces[1].split(b",")) + area[braces.end() :]
    if not head or len(area) < _BLOCK:
        return None
    area = key.decrypt(area)
    plain = head + area + _CLOSE
    return (plain, bool(braces)) if _PLAIN.match(area) and crc16(plain) == crc else None


def is_sealed(segment: bytes) -> bool:
    """Whether a segment of version 2025 holds a data area that does not begin as text does."""
    head, area = _parts(segment)
    version = _VERSION.search(head)
    if version is None or int(version[1]) >> 2 < _FIRST_SEALED or len(area) < _BLOCK:
        return False
    return _BRACES.match(area) is not None or _PLAIN.match(area) is None


def _parts(segment: bytes) -> tuple[bytes, bytes]:
    """Return what stands up to and with ``CP=&&``, and the area; both empty when there is none."""
    at = segment.find(_OPEN) + len(_OPEN)
    if at < len(_OPEN) or not segment.endswith(_CLOSE) or len(segment) < at + len(_CLOSE):
        return b"", b""
    return segment[:at], segment[at : -len(_CLOSE)]
