"""Explaining is true of any text: it never raises, and its pieces cover the packet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.hj212 import explain_text, frame, unwrap

WORDS = ["##", "0101", "QN=20160801085857223;", "ST=32;", "MN=A;", "CP=&&", "&&", "1C80", "\r\n",
         "w01018-Rtd=1,", "//清洗;//", "Flag=5;", "23 23 30 31", "**", ";", ",", "=", "-"]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=20).map("".join))
def test_any_text_is_explained(pasted: str):
    for told in explain_text(pasted):
        assert "".join(text for text, _ in told.marked) == told.text
        assert {r.code for line in told.lines for r in line.remarks} == set(told.packet.reasons)


@given(st.binary(max_size=200))
def test_any_data_segment_is_explained(segment: bytes):
    for told in explain_text(frame(segment)):
        assert "".join(text for text, _ in told.marked) == told.text


@given(st.binary(max_size=300))
def test_a_dump_of_any_bytes_gives_the_bytes_of_its_packet(noise: bytes):
    raw = frame(b"QN=20160801085857223;ST=32;CN=2011;PW=1;MN=A;Flag=5;CP=&&&&") + noise
    assert unwrap(raw.hex(" ").encode()) == raw
    dump = b"".join(
        b"%08x  %-48b |%b|\n"
        % (at, raw[at : at + 16].hex(" ").encode(), raw[at : at + 16].translate(DOTS))
        for at in range(0, len(raw), 16)
    )
    assert unwrap(dump) == raw


DOTS = bytes(byte if 32 <= byte < 127 else 46 for byte in range(256))
