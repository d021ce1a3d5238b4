"""Seal what must stay unknown (密封): SM4-GCM, the key in the data folder and never in the database.

Keys are files ``petitions-sm4-<id>`` in the folder of secrets (0600), made on first use; every
sealed text begins with the id of its key, so that a new key can be taken into use and old rows
sealed again (`new_key`, `services.look.reseal`). GB/T 39786-2021: key ids are recorded.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from qingyuan.core.problems import Problem

__all__ = ["current_key", "key_of", "mark_of", "new_key", "seal", "unseal"]

_NAME = "petitions-sm4-"
_WHOLE = 43  # characters of 32 random bytes as the folder writes them
_NONCE, _TAG = 12, 16
_WRITTEN = re.compile(r"([0-9]{1,6})\.([A-Za-z0-9_-]+=*)")


def current_key() -> int:
    """Return the id of the key in use: the newest there is; the first is made on first use."""
    folder = settings.FOLDER.secrets
    found = [int(p.name.removeprefix(_NAME)) for p in folder.glob(f"{_NAME}[0-9]*")]
    return max(found, default=0) or new_key()


def new_key() -> int:
    """Make a new key and take it into use; rows sealed before stay readable with theirs."""
    folder = settings.FOLDER.secrets
    found = [int(p.name.removeprefix(_NAME)) for p in folder.glob(f"{_NAME}[0-9]*")]
    key = max(found, default=0) + 1
    settings.FOLDER.secret(f"{_NAME}{key}", length=32)
    return key


def _secret(key: int) -> bytes:
    path = settings.FOLDER.secrets / f"{_NAME}{key}"
    text = path.read_text("ascii").strip() if path.is_file() else ""
    if len(text) < _WHOLE:
        raise Problem("petitions.key_missing", key=key)
    return hashlib.new("sm3", text.encode()).digest()[:16]


def seal(text: str, *, about: str) -> str:
    """Return *text* sealed for one row and column (*about*); nothing stays nothing."""
    if not text:
        return ""
    key, nonce = current_key(), os.urandom(_NONCE)
    work = Cipher(algorithms.SM4(_secret(key)), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(about.encode())
    body = work.update(text.encode()) + work.finalize()
    return f"{key}.{base64.urlsafe_b64encode(nonce + body + work.tag).decode()}"


def unseal(sealed: str, *, about: str) -> str:
    """Return what was sealed.

    Raises
    ------
    Problem
        ``petitions.key_missing`` without its key; ``petitions.seal_broken`` when the text was
        changed or belongs to another row.
    """
    if not sealed:
        return ""
    found = _WRITTEN.fullmatch(sealed)
    if found is None:
        raise Problem("petitions.seal_broken")
    secret = _secret(int(found[1]))
    try:
        raw = base64.urlsafe_b64decode(found[2])
        nonce, body, tag = raw[:_NONCE], raw[_NONCE:-_TAG], raw[-_TAG:]
        work = Cipher(algorithms.SM4(secret), modes.GCM(nonce, tag)).decryptor()
        work.authenticate_additional_data(about.encode())
        return (work.update(body) + work.finalize()).decode()
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise Problem("petitions.seal_broken") from error


def key_of(sealed: str) -> int:
    """Return the id of the key a text is sealed with; 0 for nothing."""
    found = _WRITTEN.fullmatch(sealed)
    return int(found[1]) if found else 0


def mark_of(text: str, *, about: str) -> str:
    """Return a keyed mark of a text (SM3): the same text gives the same mark, nothing goes back."""
    current_key()  # the first key is made on first use; marks keep it when a newer one seals
    return hashlib.new("sm3", _secret(1) + f"{about}\0{text}".encode()).hexdigest()
