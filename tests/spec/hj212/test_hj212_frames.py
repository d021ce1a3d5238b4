"""Each way a frame may come, fed four ways: whole, byte by byte, two glued, rubbish before it."""

from __future__ import annotations

import pytest

from qingyuan.hj212 import Frame, Framer, Key, Noise, frame, parse
from qingyuan.hj212.crc import checksum, modbus16

title = "HJ 212-2017 6.2 通讯包结构 / the frame, and how it is met in the field"

SEGMENT = (
    b"QN=20160801085857223;ST=32;CN=1062;PW=100000;"
    b"MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
)
GOOD = b"##0101" + SEGMENT + b"1C80\r\n"
LONG = SEGMENT[:-2] + b";w01018-Rtd=" + b"1" * 1000 + b"&&"
SMALL_CRC = next(
    made for n in range(10, 99) if checksum(made := SEGMENT[:-4] + b"%d&&" % n).startswith(b"0")
)

CASES = [
    pytest.param(GOOD, "valid", (), id="附录A-标准数据包"),
    pytest.param(GOOD.replace(b"1C80", b"1c80"), "valid", ("crc.lowercase",), id="校验码小写"),
    pytest.param(GOOD[:-2] + b"\n", "valid", ("tail.lf",), id="包尾只有LF"),
    pytest.param(GOOD[:-2], "valid", ("tail.missing",), id="没有包尾"),
    pytest.param(GOOD[:-2] + b"**\r\n", "valid", ("tail.stars",), id="包尾前有星号"),
    pytest.param(GOOD + b"\r\n", "valid", (), id="两个CRLF"),
    pytest.param(b"##101" + GOOD[6:], "repaired", ("length.digits",), id="长度三位"),
    pytest.param(b"##0099" + GOOD[6:], "repaired", ("length.wrong",), id="长度偏小"),
    pytest.param(b"##0104" + GOOD[6:], "repaired", ("length.wrong",), id="长度略大"),
    pytest.param(b"##0999" + GOOD[6:], "repaired", ("length.wrong",), id="长度过大"),
    pytest.param(b"##9999" + GOOD[6:], "repaired", ("length.wrong",), id="长度超限"),
    pytest.param(b"##" + GOOD[6:], "repaired", ("length.wrong",), id="没有长度"),
    pytest.param(
        b"##0101" + SEGMENT + b"%04X\r\n" % modbus16(SEGMENT),
        "repaired",
        ("crc.modbus",),
        id="校验码为Modbus",
    ),
    pytest.param(
        b"##0101"
        + SEGMENT
        + modbus16(SEGMENT).to_bytes(2, "little").hex().upper().encode()
        + b"\r\n",
        "repaired",
        ("crc.modbus_swapped",),
        id="校验码为颠倒的Modbus",
    ),
    pytest.param(
        b"##%04d%b%b\r\n" % (len(SMALL_CRC), SMALL_CRC, checksum(SMALL_CRC).lstrip(b"0")),
        "repaired",
        ("crc.unpadded",),
        id="校验码未补零",
    ),
    pytest.param(GOOD.replace(b"1C80", b"BEEF"), "rejected", ("crc.unknown",), id="校验码不符"),
    pytest.param(GOOD.replace(b"1C80", b""), "rejected", ("crc.none",), id="没有校验码"),
    pytest.param(
        b"##%04d%b%b\r\n" % (len(LONG), LONG, checksum(LONG)),
        "valid",
        ("length.over_1024",),
        id="超过1024字节",
    ),
]
WAYS = {
    "整包": lambda raw: [raw],
    "逐字节": lambda raw: [raw[i : i + 1] for i in range(len(raw))],
    "两包相连": lambda raw: [raw + GOOD],
    "前有杂字节": lambda raw: [b"AT+CSQ\r\n#\x00\xff" + raw],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("raw", "verdict", "codes"), CASES)
def test_frame(raw: bytes, verdict: str, codes: tuple[str, ...], way: str):
    framer = Framer()
    events = [event for piece in WAYS[way](raw) for event in framer.feed(piece)]
    events += framer.close()
    assert b"".join(event.raw for event in events) == b"".join(WAYS[way](raw))
    frames = [event for event in events if isinstance(event, Frame)]
    packet = parse(frames[0])
    assert packet.verdict == verdict
    assert set(packet.reasons) == set(codes)
    if way == "两包相连":
        assert len(frames) == 2
        assert parse(frames[1]).verdict == "valid"


def test_modbus_polls_and_probes_do_not_hide_the_next_packet():
    framer = Framer()
    foreign = b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a" * 500 + b"GET / HTTP/1.1\r\n\r\n"
    events = framer.feed(foreign + GOOD)
    assert [event.raw for event in events if isinstance(event, Frame)] == [GOOD]
    assert sum(len(event.raw) for event in events if isinstance(event, Noise)) == len(foreign)


def test_a_frame_that_never_ends_is_given_up_within_bounds():
    framer = Framer()
    events = framer.feed(b"##0500")
    for _ in range(40):
        events += framer.feed(b"x" * 1024)
        assert framer.pending <= 16384 + 1024
    events += framer.feed(GOOD)
    assert [event.raw for event in events if isinstance(event, Frame)] == [GOOD]
    assert events[0].code == "frame.too_long"


def test_a_quiet_link_settles_what_is_whole_and_keeps_what_is_not():
    framer = Framer()
    assert framer.feed(GOOD[:-2]) == []
    assert [event.raw for event in framer.settle()] == [GOOD[:-2]]
    assert framer.feed(b"\r\n##0300" + GOOD[6:-2]) != []
    assert [parse(event).reasons for event in framer.settle()] == [("length.wrong", "tail.missing")]
    assert framer.feed(GOOD[:60]) == []
    assert framer.settle() == []
    assert [event.raw for event in framer.feed(GOOD[60:])] == [GOOD]


def test_an_over_long_frame_is_noise_and_the_next_is_read():
    segment = SEGMENT[:-2] + b"9" * 8200 + b"&&"
    framer = Framer()
    events = framer.feed(b"##%04d%b%b\r\n" % (len(segment), segment, checksum(segment)) + GOOD)
    assert isinstance(events[0], Noise)
    assert events[0].code == "frame.too_long"
    assert events[1].raw == GOOD


def test_a_checksum_that_agrees_by_chance_does_not_take_the_next_frame():
    """Found by random mutation: the length reached into the next head, whose 140 was its CRC."""
    broken = (
        b"##0140QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
        b"CP=\r&DataTime=201608\x8e1085857;w01018-Rtd=20.1,m0101g=N&&\r\n"
    )
    following = (
        b"##0140QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
        b"CP=&&DataTime=20160801085857;w01018-Rtd=20.1,w01018-Flag=N&&5140\r\n"
    )
    events = Framer().feed(broken + following)
    assert [event.raw for event in events] == [broken, following]


def test_a_wrong_length_that_ends_with_the_next_frame_does_not_take_it():
    """With 256 checksums in all, one frame in 256 agrees with the checksum of the next."""
    inner = next(
        made
        for n in range(100_000)
        if checksum((made := b"QN=%d;CP=&&&&" % n + GOOD)[:-6]) == b"1C80"
    )
    raw = b"##%04d" % (len(inner) - 6) + inner
    frames = [event.raw for event in Framer().feed(raw) if isinstance(event, Frame)]
    assert frames == [GOOD]


def test_log_text_may_hold_two_hashes():
    segment = SEGMENT[:-2] + b";i11001-Info=//##0042//&&"
    raw = b"##%04d%b%b\r\n" % (len(segment), segment, checksum(segment))
    (event,) = Framer().feed(raw)
    assert event.raw == raw


def test_a_wrong_length_that_ends_with_an_encrypted_frame_does_not_take_it():
    """Found by the soak: the checksum of an encrypted frame is not that of its bytes."""
    plain = SEGMENT.replace(b"Flag=5", b"Flag=9").replace(b"RtdInterval=30", b"PolId=w01018;" * 3)
    for number in range(100_000):
        sealed = frame(plain, key=Key(b"%016d" % (number % 7)))
        inner = b"QN=%d;CP=&&&&440\r\n" % number + GOOD + sealed
        if checksum(inner[:-6]) == sealed[-6:-2]:
            break
    raw = b"##%04d" % (len(inner) - 6) + inner
    frames = [event.raw for event in Framer().feed(raw) if isinstance(event, Frame)]
    assert frames[-2:] == [GOOD, sealed]
