"""Conditional puts (条件写入): does an object store refuse to overwrite what is there?

Delta's commit is a file that must not be there yet. A service that ignores ``If-None-Match: *``
answers 200 and replaces it, and a commit is gone without a word; several S3-compatible services do.
So it is tried, with two puts of one small object. The signature is Amazon's version 4.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urlsplit
from uuid import uuid4

from qingyuan.core.problems import Problem

__all__ = ["Bucket", "refuses_to_overwrite"]

_PATIENCE_S = 10.0
_KEPT = (409, 412)
_BUSY = (500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of a service, and the prefix a store has in it (桶)."""

    endpoint: str
    region: str
    name: str
    prefix: str


def refuses_to_overwrite(bucket: Bucket, *, place: str) -> bool:
    """Return whether a second conditional put of the same object is refused.

    Raises
    ------
    Problem
        ``store.place_away``; ``store.place_refused`` when the first put is not done: a service that
        does not know the header and says so can hold no table of ours.
    """
    key = f"{bucket.prefix}/conditional-{uuid4().hex}".lstrip("/")
    try:
        first = _sent(bucket, "PUT", key)
        if first != 200:
            code = "store.place_away" if first in _BUSY else "store.place_refused"
            raise Problem(code, place=place, cause=f"HTTP {first}, PUT If-None-Match")
        second = _sent(bucket, "PUT", key)
        _sent(bucket, "DELETE", key)
    except (OSError, HTTPException) as fault:
        raise Problem(
            "store.place_away", place=place, cause=str(fault) or type(fault).__name__
        ) from fault
    return second in _KEPT


def _sent(bucket: Bucket, method: str, key: str) -> int:
    """Send one signed request and return the status of its answer."""
    parts = urlsplit(bucket.endpoint)
    path = quote(f"/{bucket.name}/{key}", safe="/-_.~")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=_PATIENCE_S)
    headers = _signed(method, path, parts.netloc, bucket.region or "us-east-1")
    if method == "PUT":
        headers["If-None-Match"] = "*"
    try:
        connection.request(method, path, body=b"", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _signed(method: str, path: str, host: str, region: str) -> dict[str, str]:
    """Return the headers of an empty request, with its signature."""
    name, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    nothing = hashlib.sha256(b"").hexdigest()
    headers = {"host": host, "x-amz-content-sha256": nothing, "x-amz-date": at}
    if token := os.environ.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{header}:{headers[header]}\n" for header in sorted(headers))
    request = "\n".join([method, path, "", lines, names, nothing])
    scope = f"{at[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    told = "\n".join(["AWS4-HMAC-SHA256", at, scope, digest])
    signature = hmac.digest(key, told.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={name}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return headers
