"""What is true of any stream: cuts change nothing, bytes are kept, good frames are never lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.hj212 import Frame, Framer, Key, Packet, frame, parse, render
from qingyuan.hj212.crc import crc16, modbus16
from qingyuan.hj212.sm4 import seal, unseal

word = st.text("ABCDEF0123456789abcdefxyz_", min_size=1, max_size=24)
number = st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,3})?", fullmatch=True)
time = st.datetimes().map(lambda at: at.strftime("%Y").rjust(4, "0") + at.strftime("%m%d%H%M%S"))


@st.composite
def areas(draw) -> str:
    items = [f"DataTime={draw(time)}"] if draw(st.booleans()) else []
    codes = draw(st.lists(st.from_regex(r"[wa][0-9]{5}", fullmatch=True), max_size=8))
    flags = st.sampled_from("NDMT")
    items += [f"{code}-Rtd={draw(number)},{code}-Flag={draw(flags)}" for code in codes]
    if draw(st.booleans()):
        items.append(f"i11001-Info=//{draw(st.text('清洗管路;,= //a#', max_size=12))}//")
    return ";".join(items)


@st.composite
def packets(draw) -> Packet:
    flag = draw(st.sampled_from([None, 0, 1, 4, 5, 6, 7, 8, 9, 11]))
    split = flag is not None and flag & 2
    return Packet(
        qn=draw(st.sampled_from(["", "20160801085857223"])),
        st=draw(st.sampled_from(["21", "32", "91"])),
        cn=draw(st.sampled_from(["2011", "2061", "9014", "3020"])),
        pw=draw(st.sampled_from(["", "123456"])),
        mn=draw(word),
        flag=flag,
        pnum=draw(st.integers(1, 99)) if split else None,
        pno=draw(st.integers(1, 99)) if split else None,
        rf=draw(st.sampled_from(["", "1"])),
        area=draw(areas()),
    )


@given(packets())
def test_parse_undoes_render(packet: Packet):
    raw = render(packet)
    read = parse(raw)
    assert read == packet
    assert read.verdict == "valid"
    assert render(read) == raw


GOOD = render(
    Packet(
        "20160801085857223",
        "32",
        "2011",
        "123456",
        "010000A8900016F000169DC0",
        5,
        None,
        None,
        "",
        "DataTime=20160801085857;w01018-Rtd=20.1,w01018-Flag=N",
    )
)
BODY = GOOD[6:-6]
# An encrypted body that holds ## and CR LF: its second block is the cipher turned round.
KEY = Key(b"0123456789abcdef")
SEALED_AREA = b"DataTime=2016080" + KEY.decrypt(b"##\r\n&&;=" * 2) + b"end"
SEALED = frame(
    BODY.replace(b"Flag=5", b"Flag=9").split(b"CP=&&")[0] + b"CP=&&" + SEALED_AREA + b"&&", key=KEY
)
PIECES = [
    GOOD,
    SEALED,
    SEALED[:-9],
    GOOD[:-2],
    GOOD[:-2] + b"\n",
    GOOD[:-2] + b"**\r\n",
    b"##99" + GOOD[6:],
    b"##9999" + GOOD[6:],
    b"##0010" + GOOD[6:],
    GOOD[:-6] + b"%04X\r\n" % modbus16(BODY),
    GOOD[:-6] + b"BEEF\r\n",
    GOOD[:70],
    b"##",
    b"#",
    b"\r\n",
    b"&&1C80\r\n",
    b"\x00\x01\x00\x00\x00\x06\x01\x03" * 200,
    b"GET / HTTP/1.1\r\n\r\n",
]
streams = st.lists(
    st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), min_size=1, max_size=8
).map(b"".join)


def events_of(data: bytes, cuts: list[int]) -> list[object]:
    framer, at, events = Framer(), 0, []
    for cut in [*sorted(c % (len(data) + 1) for c in cuts), len(data)]:
        events += framer.feed(data[at:cut])
        at = cut
    return events + framer.close()


@given(streams, st.lists(st.integers(0, 1 << 20), max_size=12))
def test_any_split_gives_the_same_events(data: bytes, cuts: list[int]):
    whole = events_of(data, [])
    assert events_of(data, cuts) == whole
    assert b"".join(event.raw for event in whole) == data


@given(streams)
def test_byte_by_byte_gives_the_same_events(data: bytes):
    assert events_of(data, list(range(len(data)))) == events_of(data, [])


@given(st.lists(st.sampled_from(PIECES), max_size=4), st.data())
def test_mutated_bytes_never_raise_and_never_lose_the_next_good_frame(before, data):
    bad = bytearray(b"".join(before) or GOOD)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(bad) - 1))
        bad[at] = data.draw(st.integers(0, 255))
    events = events_of(
        bytes(bad) + GOOD + GOOD, data.draw(st.lists(st.integers(0, 9999), max_size=4))
    )
    for event in events:
        parse(event)
    raws = [event.raw for event in events if isinstance(event, Frame)]
    assert raws[-1] == GOOD
    assert raws[-2] == GOOD


@given(st.binary(max_size=300))
def test_any_data_segment_is_read_without_raising(segment: bytes):
    packet = parse(frame(segment))
    assert packet.raw
    assert packet.factors is not None


@given(st.lists(st.sampled_from([GOOD, SEALED]), max_size=6), st.lists(st.integers(0, 9999)))
def test_plain_and_encrypted_frames_share_one_stream(frames: list[bytes], cuts: list[int]):
    events = events_of(b"".join(frames), cuts)
    assert [event.raw for event in events] == frames
    assert all(isinstance(event, Frame) for event in events)


@given(st.binary(min_size=1, max_size=900).filter(lambda area: b"&&" not in area))
def test_what_is_encrypted_is_decrypted(area: bytes):
    area = b"DataTime=20160801080000;" + area
    segment = b"ST=32;CN=2011;PW=123456;MN=A;Flag=8;CP=&&" + area + b"&&"
    opened = unseal(seal(segment, KEY), KEY, crc=crc16(segment))
    assert opened == (segment, False)
    assert len(frame(segment, key=KEY)) == len(frame(segment))
