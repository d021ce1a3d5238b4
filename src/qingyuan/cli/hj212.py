"""``qingyuan hj212``: explain a capture, replay it over TCP (传输协议).

Thin verbs over `qingyuan.hj212`; the sockets of ``replay`` are here because the craft knows none.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import select
import socket
import sys
import time
import zlib
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from qingyuan import hj212
from qingyuan.cli.progress import Progress
from qingyuan.core.problems import Problem

__all__ = ["add_arguments"]

_CHUNK = 1 << 16
_HEAD = 256  # bytes that tell how a capture was written down
_COLOURS = {"valid": "32", "repaired": "33", "rejected": "31"}
_MARKS = {"valid": "✓ 有效 valid", "repaired": "~ 已修正 repaired", "rejected": "✗ 不可信 rejected"}
_ANSWERS = ("9011", "9012", "9013", "9014")


def add_arguments(subparsers: Any) -> None:
    """Register the ``hj212`` verbs; each sets ``run(args) -> int``."""
    room = subparsers.add_parser("hj212", help="HJ 212 数据包 / packets of HJ 212")
    verbs = room.add_subparsers(dest="hj212_verb", required=True)

    explain = verbs.add_parser("explain", help="逐包解读 / explain packets one by one")
    explain.add_argument("file", metavar="FILE", help="抓包文件，可为 .gz；- 为标准输入")
    explain.add_argument("--json", action="store_true", help="每包一行 JSON / one line per packet")
    explain.add_argument("--summary", action="store_true", help="只输出统计 / counts only")
    explain.add_argument(
        "--dialect",
        default="",
        metavar="NAME",
        help="登记的方言 2005、2017、2025、surface-water；缺省为推断 / the registered dialect",
    )
    explain.add_argument(
        "--key", default="", metavar="HEX", help="SM4 密钥 / SM4 key, 32 hex digits"
    )
    explain.add_argument(
        "--lang",
        choices=("zh", "en", "both"),
        default="both",
        help="解读的语言 / language of the explanation (both)",
    )
    explain.set_defaults(run=_explain)

    replay = verbs.add_parser("replay", help="经 TCP 重放，遵守应答 / send over TCP, heed answers")
    replay.add_argument("file", metavar="FILE", help="抓包文件，可为 .gz；- 为标准输入")
    replay.add_argument("--to", type=_address, required=True, metavar="H:P")
    replay.add_argument(
        "--rate", type=float, default=0.0, help="每秒包数，0 为不限 / packets per s"
    )
    replay.add_argument(
        "--window",
        type=int,
        default=32,
        metavar="N",
        help="最多几包未应答仍续发；1 为收到应答才发下一包（附录C.48）/ packets sent ahead of answers",
    )
    replay.add_argument("--timeout", type=float, default=3.0, help="等待应答秒数 / seconds")
    replay.add_argument("--retries", type=int, default=2, help="重发次数 / re-sends")
    replay.add_argument("--json", action="store_true")
    replay.set_defaults(run=_replay)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("HOST:PORT")
    return host.strip("[]"), int(port)


@contextmanager
def _bytes(path: str) -> Iterator[io.BufferedIOBase]:
    """Open a file or standard input, unpacked when its first bytes say it is packed."""
    try:
        plain = io.FileIO(sys.stdin.fileno() if path == "-" else path, closefd=path != "-")
    except OSError:
        raise Problem("cli.no_such_file", path=path) from None
    with io.BufferedReader(plain) as source:
        if source.peek(2)[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=source) as unpacked:
                yield unpacked
        else:
            yield source


def _pieces(path: str) -> Iterator[bytes]:
    """Read a capture piece by piece; one that was written down as text is unwrapped first."""
    with _bytes(path) as source:
        first = b""
        while len(first) < _HEAD and (data := source.read1(_CHUNK)):
            first += data
        if hj212.unwrap(first) != first:
            yield hj212.unwrap(first + source.read())
            return
        yield first
        while data := source.read1(_CHUNK):
            yield data


def _events(path: str, faults: list[Problem]) -> Iterator[hj212.Frame | hj212.Noise]:
    """Yield the events of a capture; where a packed one breaks off, add that to *faults*."""
    framer = hj212.Framer()
    try:
        for data in _pieces(path):
            yield from framer.feed(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        faults.append(Problem("hj212.broken_archive", path=path, cause=str(fault)))
    yield from framer.close()


def _key(text: str) -> hj212.Key | None:
    if not text:
        return None
    try:
        return hj212.Key(bytes.fromhex(text))
    except ValueError:
        raise Problem("hj212.bad_key", given=str(len(text))) from None


def _explain(args: argparse.Namespace) -> int:
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("verdict", "reason", "crc", "dialect")
    }
    known = [dialect.name for dialect in hj212.dialects() if dialect.document]
    if args.dialect and args.dialect not in known:
        raise Problem("hj212.unknown_dialect", given=args.dialect, known=", ".join(known))
    key, dialect = _key(args.key), args.dialect
    skipped = n = 0
    show = _Shown(colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ, lang=args.lang)
    faults: list[Problem] = []
    began = time.perf_counter()
    with Progress("数据包 / packets") as progress:
        for event in _events(args.file, faults):
            if isinstance(event, hj212.Noise) and not event.raw.startswith(b"##"):
                skipped += len(event.raw)
                if event.raw.strip() and not (args.summary or args.json):
                    print(show.foreign(event), end="\n\n")
                continue
            n += 1
            packet = hj212.parse(event, dialect=dialect, key=key)
            counts["verdict"][str(packet.verdict)] += 1
            counts["crc"][packet.crc] += 1
            counts["dialect"][packet.dialect] += 1
            if packet.deviations:
                counts["reason"].update(dict.fromkeys(packet.reasons, 1))
            progress.step()
            if args.summary:
                continue
            if args.json:
                print(json.dumps(hj212.as_json(packet, n=n), ensure_ascii=False))
            else:
                print("\n".join(show.packet(packet, n)), end="\n\n")
    seconds = time.perf_counter() - began
    if args.summary:
        _print_summary(counts, n, skipped, seconds, as_json=args.json)
    for fault in faults:
        raise fault
    return 1 if not n or counts["verdict"]["rejected"] else 0


class _Shown:
    """Packets as a person reads them: every piece, what it means, what is wrong with it."""

    def __init__(self, *, colour: bool, lang: str) -> None:
        self._colour, self._lang = colour, lang

    def packet(self, packet: hj212.Packet, n: int) -> Iterator[str]:
        """Yield the lines of one packet."""
        verdict = self._tint(_MARKS[packet.verdict], _COLOURS[packet.verdict])
        yield f"#{n}  {verdict}  CRC {packet.crc}  {packet.dialect}  {len(packet.raw)} B"
        lines = hj212.explain(packet)
        told = {remark for line in lines if line.part != "deviation" for remark in line.remarks}
        for line in lines:
            if line.part == "deviation":
                yield from (self._remark(r) for r in line.remarks if r not in told)
                continue
            value = line.value.replace("\r", "\\r").replace("\n", "\\n")
            said = self._both(line.zh, line.en)
            clause = self._tint(f"〔{line.clause}〕", "2") if line.clause else ""
            yield f"    {self._tint(line.name or '·', '1')} = {value}    {said} {clause}".rstrip()
            yield from (self._remark(remark) for remark in line.remarks)

    def foreign(self, noise: hj212.Noise) -> str:
        """Return one line about bytes that are no packet."""
        zh, en = hj212.name_of_foreign(noise.raw)
        head = noise.raw[:40].decode("latin-1").encode("unicode_escape").decode("ascii")
        return self._tint(f"({len(noise.raw)} B  {self._both(zh, en)}  {head})", "2")

    def _remark(self, remark: hj212.Remark) -> str:
        colour = {"note": "36", "repair": "33", "reject": "31"}[remark.severity]
        detail = f" “{remark.detail}”" if remark.detail else ""
        said, right = self._both(remark.zh, remark.en), self._both(remark.right_zh, remark.right_en)
        return f"      {self._tint('! ' + remark.code, colour)}{detail}  {said}  → {right} 〔{remark.clause}〕"

    def _both(self, zh: str, en: str) -> str:
        return {"zh": zh, "en": en}.get(self._lang, f"{zh} / {en}")

    def _tint(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colour else text


def _print_summary(
    counts: dict[str, Counter[str]], n: int, skipped: int, seconds: float, *, as_json: bool
) -> None:
    rate = round(n / seconds) if seconds else 0
    if as_json:
        table: dict[str, object] = {name: dict(counter) for name, counter in counts.items()}
        table |= {"packets": n, "other_bytes": skipped, "packets_per_s": rate}
        print(json.dumps(table, ensure_ascii=False))
        return
    print(f"数据包 packets {n:,} · 其他字节 other bytes {skipped:,} · {rate:,} 包/秒 packets/s")
    titles = {"verdict": "判定 verdict", "reason": "原因 reasons", "crc": "校验 crc",
              "dialect": "方言 dialect"}  # fmt: skip
    for name, counter in counts.items():
        print(titles[name])
        for key, count in counter.most_common():
            kind = hj212.DEVIATIONS.get(key) if name == "reason" else None
            print(f"  {key:<24}{count:>9,}{f'  {kind.zh} / {kind.en}' if kind else ''}")


class _Sent(NamedTuple):
    raw: bytes
    qn: str
    mn: str


class _Replay:
    """Sends packets as a site would, at most a window ahead of the answers (1: 附录C.48)."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._to: tuple[str, int] = args.to
        self._timeout, self._retries = args.timeout, args.retries
        self._window = max(1, args.window)
        self._waiting: deque[_Sent] = deque()
        self._link: socket.socket | None = None
        self._framer = hj212.Framer()
        self._deaf = False  # nobody has ever answered: go on without waiting
        self.counts = Counter(sent=0, acknowledged=0, unanswered=0, resent=0, reconnected=0)

    def send(self, packet: hj212.Packet) -> None:
        """Send one packet, then wait until no more than the window is unanswered."""
        raw = packet.raw.rstrip(b"\r\n") + b"\r\n"  # a text file may have lost its CR
        self.counts["sent"] += 1
        command = hj212.upload_command(packet.cn)
        if packet.wants_answer and packet.cn not in _ANSWERS and (not command or command.reply):
            self._waiting.append(_Sent(raw, packet.qn, packet.mn))
        self._transmit(raw)
        self._hear(0.0)
        while len(self._waiting) >= self._window and not self._deaf:
            self._await_first()

    def finish(self) -> None:
        """Wait for the answers still due; what stays open is unanswered."""
        while self._waiting and not self._deaf:
            self._await_first()
        end = time.monotonic() + self._timeout
        while self._waiting and time.monotonic() < end:
            self._hear(0.1)
        self.counts["unanswered"] += len(self._waiting)
        if self._link is not None:
            self._link.close()

    def _await_first(self) -> None:
        first = self._waiting[0]
        for attempt in range(1 + self._retries):
            if attempt:
                self.counts["resent"] += 1
                self._transmit(first.raw)
            end = time.monotonic() + self._timeout
            while (left := end - time.monotonic()) > 0:
                self._hear(left)
                if not self._waiting or self._waiting[0] is not first:
                    return
        if self.counts["acknowledged"]:
            self._waiting.popleft()
            self.counts["unanswered"] += 1
        else:
            self._deaf = True

    def _transmit(self, raw: bytes) -> None:
        try:
            self._connected().sendall(raw)
        except OSError:
            self._reconnect()

    def _hear(self, seconds: float) -> None:
        """Take the answers that come within *seconds* (0: those that are here)."""
        link = self._connected()
        if not select.select([link], [], [], seconds)[0]:
            return
        try:
            data = link.recv(_CHUNK)
        except OSError:
            data = b""
        if not data:
            self._reconnect()
            return
        for event in self._framer.feed(data):
            answer = hj212.parse(event)
            if answer.cn not in ("9013", "9014"):
                continue
            for sent in self._waiting:
                if (sent.qn, sent.mn) == (answer.qn, answer.mn):
                    self._waiting.remove(sent)
                    self.counts["acknowledged"] += 1
                    break

    def _connected(self) -> socket.socket:
        for attempt in range(6):
            if self._link is not None:
                return self._link
            try:
                self._link = socket.create_connection(self._to, timeout=10)
            except OSError as fault:
                if attempt == 5:
                    host, port = self._to
                    cause = fault.strerror or str(fault)
                    raise Problem("cli.no_connection", host=host, port=port, cause=cause) from fault
                time.sleep(0.2 * 2**attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _reconnect(self) -> None:
        """Connect again and send again what was not answered."""
        if self._link is not None:
            self._link.close()
        self._link, self._framer = None, hj212.Framer()
        self.counts["reconnected"] += 1
        if self.counts["reconnected"] > 100:
            host, port = self._to
            raise Problem("cli.no_connection", host=host, port=port, cause="100 ×")
        link = self._connected()
        try:
            for sent in self._waiting:
                link.sendall(sent.raw)
        except OSError:
            self._link = None


def _replay(args: argparse.Namespace) -> int:
    replay = _Replay(args)
    began = time.monotonic()
    with Progress("数据包 / packets") as progress:
        for event in _events(args.file, []):
            if isinstance(event, hj212.Noise):
                continue
            if args.rate > 0:
                due = began + replay.counts["sent"] / args.rate
                time.sleep(max(0.0, due - time.monotonic()))
            replay.send(hj212.parse(event))
            progress.step()
        replay.finish()
    counts = dict(replay.counts)
    seconds = time.monotonic() - began
    if args.json:
        print(json.dumps({**counts, "seconds": round(seconds, 3)}))
    else:
        print(
            f"发送 sent {counts['sent']:,} · 已应答 acknowledged {counts['acknowledged']:,} · "
            f"未应答 unanswered {counts['unanswered']:,} · 重发 re-sent {counts['resent']:,} · "
            f"重连 reconnected {counts['reconnected']:,} · {seconds:.1f} s"
        )
    return 1 if counts["unanswered"] or not counts["sent"] else 0
