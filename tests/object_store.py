"""A small S3-compatible service for tests: objects in memory, real signatures, and faults on demand.

What the store needs of such a service and no more: one bucket, GET with a range, HEAD, PUT with its
conditions, multipart, DELETE, ListObjectsV2 and the deletion of many. `ObjectStore.stop` closes the
port (a call is refused), `start` opens the same one again; nothing is lost in between.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

KEY, SECRET, REGION, BUCKET = "QYTESTKEY", "a/secret+of=tests", "cn-north-1", "city"
_UNSIGNED = "UNSIGNED-PAYLOAD"


class ObjectStore:
    """The service; *overwrites*: it ignores ``If-None-Match``, as several services do."""

    def __init__(self, *, overwrites: bool = False) -> None:
        self.overwrites = overwrites
        self.objects: dict[str, bytes] = {}
        self.written: dict[str, float] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.lock = threading.Lock()
        self.seen: list[tuple[str, str, int]] = []  # method, key, status
        self.conditions: list[str] = []
        self.unanswered: Callable[[str, str], bool] = lambda method, key: False
        self.connections: set[socket.socket] = set()
        self.port = 0
        self.start()

    @property
    def endpoint(self) -> str:
        """The address for ``place.toml``."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Open the port: the system's choice, afterwards the same again."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _Handler)
        self._server.daemon_threads = True
        self._server.store = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.store.connections.add(self.request)

    def finish(self) -> None:
        self.server.store.connections.discard(self.request)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(OSError):  # the port was closed
            super().handle()

    def log_message(self, *_: object) -> None:
        return

    def _turn(self) -> None:
        store = self.server.store
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        raw = urlsplit(self.path)
        _, bucket, *rest = unquote(raw.path).split("/", 2)
        key = rest[0] if rest else ""
        self.asked = dict(parse_qsl(raw.query, keep_blank_values=True))
        if not self._is_signed(raw.path, raw.query, body):
            status, answer, headers = _fault(403, "SignatureDoesNotMatch")
        elif bucket != BUCKET:
            status, answer, headers = _fault(404, "NoSuchBucket")
        else:
            with store.lock:
                status, answer, headers = getattr(self, f"_{self.command.lower()}")(key, body)
        store.seen.append((self.command, key, status))
        if store.unanswered(self.command, key):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(answer)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _turn  # noqa: N815 -- as http.server calls them

    def _is_signed(self, path: str, query: str, body: bytes) -> bool:
        """Compute the signature (version 4) anew and compare."""
        given = self.headers.get("Authorization", "")
        if not given.startswith("AWS4-HMAC-SHA256 "):
            return False
        told = dict(part.strip().split("=", 1) for part in given.partition(" ")[2].split(","))
        name, scope = told["Credential"].split("/", 1)
        payload = self.headers.get("x-amz-content-sha256", "")
        if name != KEY or payload not in (_UNSIGNED, hashlib.sha256(body).hexdigest()):
            return False
        asked = sorted(parse_qsl(query, keep_blank_values=True))
        pairs = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in asked)
        names = told["SignedHeaders"]
        lines = "".join(
            f"{h}:{' '.join((self.headers.get(h) or '').split())}\n" for h in names.split(";")
        )
        request = "\n".join([self.command, path, pairs, lines, names, payload])
        key = f"AWS4{SECRET}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{self.headers['x-amz-date']}\n{scope}\n{digest}"
        return hmac.digest(key, text.encode(), "sha256").hex() == told["Signature"]

    def _get(self, key: str, _: bytes) -> tuple[int, bytes, dict[str, str]]:
        if not key:
            return self._listed()
        objects = self.server.store.objects
        if key not in objects:
            return _fault(404, "NoSuchKey")
        held = objects[key]
        about = {
            "ETag": _etag(held), "Accept-Ranges": "bytes", "Last-Modified": formatdate(self.server.store.written[key], usegmt=True)
        }  # fmt: skip
        asked = self.headers.get("Range", "").removeprefix("bytes=")
        if not asked:
            return 200, held, about
        first, _, last = asked.partition("-")
        start = int(first) if first else max(0, len(held) - int(last))
        end = min(int(last), len(held) - 1) if first and last else len(held) - 1
        if start >= len(held):
            return _fault(416, "InvalidRange")
        about["Content-Range"] = f"bytes {start}-{end}/{len(held)}"
        return 206, held[start : end + 1], about

    def _head(self, key: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        if not key:
            return 200, b"", {}
        status, held, about = self._get(key, body)
        return (status, b"", {"Content-Length": str(len(held)), **about}) if status < 300 else (status, b"", {})  # fmt: skip

    def _put(self, key: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        store = self.server.store
        if upload := self.asked.get("uploadId"):
            store.uploads[upload][int(self.asked["partNumber"])] = body
            return 200, b"", {"ETag": _etag(body)}
        return self._kept(key, body)

    def _kept(self, key: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        store, held = self.server.store, self.server.store.objects.get(key)
        absent, same = self.headers.get("If-None-Match"), self.headers.get("If-Match")
        store.conditions += [absent] if absent else []
        if not store.overwrites and absent == "*" and held is not None:
            return _fault(412, "PreconditionFailed")
        if same is not None and (held is None or same != _etag(held)):
            return _fault(412, "PreconditionFailed")
        store.objects[key], store.written[key] = body, time.time()
        return 200, b"", {"ETag": _etag(body)}

    def _delete(self, key: str, _: bytes) -> tuple[int, bytes, dict[str, str]]:
        if upload := self.asked.get("uploadId"):
            self.server.store.uploads.pop(upload, None)
        else:
            self.server.store.objects.pop(key, None)
        return 204, b"", {}

    def _post(self, key: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        store = self.server.store
        if "delete" in self.asked:
            gone = [one.text or "" for one in ET.fromstring(body).iter() if one.tag.endswith("Key")]
            for name in gone:
                store.objects.pop(name, None)
            done = "".join(f"<Deleted><Key>{escape(name)}</Key></Deleted>" for name in gone)
            return _xml("DeleteResult", done)
        if "uploads" in self.asked:
            upload = f"upload-{len(store.seen)}"
            store.uploads[upload] = {}
            told = f"<Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key><UploadId>{upload}</UploadId>"
            return _xml("InitiateMultipartUploadResult", told)
        parts = store.uploads.pop(self.asked["uploadId"])
        whole = b"".join(parts[number] for number in sorted(parts))
        status, answer, about = self._kept(key, whole)
        if status != 200:
            return status, answer, about
        told = (
            f"<Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key><ETag>{escape(about['ETag'])}</ETag>"
        )
        return _xml("CompleteMultipartUploadResult", told)

    def _listed(self) -> tuple[int, bytes, dict[str, str]]:
        prefix, until = self.asked.get("prefix", ""), self.asked.get("delimiter", "")
        after = self.asked.get("continuation-token") or self.asked.get("start-after", "")
        most = int(self.asked.get("max-keys", 1000))
        rows: dict[str, str] = {}
        for key, held in sorted(self.server.store.objects.items()):
            if not key.startswith(prefix) or key <= after:
                continue
            if until and until in key[len(prefix) :]:
                folder = prefix + key[len(prefix) :].split(until)[0] + until
                rows[folder] = f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>"
            else:
                at = time.strftime("%FT%T.000Z", time.gmtime(self.server.store.written[key]))
                rows[key] = (
                    f"<Contents><Key>{escape(key)}</Key><Size>{len(held)}</Size><ETag>{escape(_etag(held))}</ETag>"
                    f"<LastModified>{at}</LastModified></Contents>"
                )
        names = list(rows)[:most]
        more = len(rows) > most
        told = f"<IsTruncated>{str(more).lower()}</IsTruncated><KeyCount>{len(names)}</KeyCount>"
        told += (
            f"<NextContinuationToken>{escape(names[-1])}</NextContinuationToken>" if more else ""
        )
        return _xml("ListBucketResult", told + "".join(rows[name] for name in names))


def _etag(held: bytes) -> str:
    return f'"{hashlib.md5(held, usedforsecurity=False).hexdigest()}"'


def _xml(kind: str, inside: str) -> tuple[int, bytes, dict[str, str]]:
    text = f'<?xml version="1.0" encoding="UTF-8"?><{kind} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inside}</{kind}>'
    return 200, text.encode(), {"Content-Type": "application/xml"}


def _fault(status: int, code: str) -> tuple[int, bytes, dict[str, str]]:
    _, body, about = _xml("Error", f"<Code>{code}</Code><Message>{code}</Message>")
    return status, body, about
