"""Departures are named, values stay as sent, nothing is dropped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qingyuan import hj212
from qingyuan.hj212 import DEVIATIONS, Packet, parse, render
from qingyuan.hj212.crc import checksum

HEAD = "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
TIME = "DataTime=20160801085857"


def wire(segment: str | bytes) -> bytes:
    data = segment.encode() if isinstance(segment, str) else segment
    return b"##%04d%b%b\r\n" % (len(data), data, checksum(data))


def area(text: str) -> Packet:
    return parse(wire(f"{HEAD}CP=&&{text}&&"))


def test_readings_keep_their_order_and_text():
    packet = area(f"{TIME};w01018-Rtd=+1.50E1,w01018-Flag=N;a05024-Rtd=;xyz-Rtd=NaN")
    assert packet.verdict == "valid"
    assert packet.readings == (
        ("w01018", {"Rtd": "+1.50E1", "Flag": "N"}),
        ("a05024", {"Rtd": ""}),
        ("xyz", {"Rtd": "NaN"}),
    )
    assert packet.data_time == datetime(2016, 8, 1, 0, 58, 57, tzinfo=UTC)


def test_a_factor_sent_twice_is_a_list():
    packet = area(f"{TIME};e01001-Rtd=1.1,e01001-Flag=N;e01001-Rtd=2.2,e01001-Flag=D")
    assert packet.factors == {"e01001": [{"Rtd": "1.1", "Flag": "N"}, {"Rtd": "2.2", "Flag": "D"}]}
    assert "area.repeated" in packet.reasons


def test_suffixes_of_one_factor_may_stand_apart():
    packet = area(f"{TIME};w01018-Rtd=1;w01001-Rtd=7;w01018-Flag=N")
    assert packet.factors == {"w01018": {"Rtd": "1", "Flag": "N"}, "w01001": {"Rtd": "7"}}
    assert packet.reasons == ()


def test_log_text_may_hold_separators():
    packet = area("DataTime=20160801062035;PolId=w01018;i11001-Info=//清洗;管路,A=1//")
    assert packet.factors == {"i11001": {"Info": "//清洗;管路,A=1//"}}
    assert packet.reasons == ()


def test_gbk_text_is_read_and_marked():
    packet = parse(wire(f"{HEAD}CP=&&i11001-Info=//清洗管路//&&".encode("gb18030")))
    assert packet.encoding == "gb18030"
    assert packet.factors == {"i11001": {"Info": "//清洗管路//"}}
    assert packet.reasons == ("encoding.gb18030",)
    assert render(packet) == packet.raw


def test_a_device_registered_for_gbk_does_not_deviate():
    raw = wire(f"{HEAD}CP=&&i11001-Info=//清洗管路//&&".encode("gb18030"))
    packet = parse(raw, encoding="gb18030")
    assert (packet.encoding, packet.reasons) == ("gb18030", ())
    assert parse(wire(f"{HEAD}CP=&&{TIME}&&"), encoding="gb18030").encoding == "utf-8"


def test_a_packet_says_for_what_it_is_rejected():
    good = wire(f"{HEAD}CP=&&{TIME};w01018-Rtd=1,w01018-Flag=N&&")
    assert parse(good).fatal == ()
    assert parse(good[:-6] + b"0000\r\n").fatal == ("crc.unknown",)
    assert parse(good[:-6] + b"0000\r\n").factors == parse(good).factors


@pytest.mark.parametrize(
    ("segment", "code", "verdict"),
    [
        (f"{HEAD}CP=&&{TIME};w01018-Rtd=1;&&", "area.separator", "valid"),
        (f"{HEAD}CP=&&{TIME}; w01018-Rtd=1&&", "area.spaces", "valid"),
        (f"{HEAD}CP=&&{TIME};LA-td=50.1&&", "suffix.unknown", "valid"),
        (f"{HEAD}CP=&&{TIME};w01018-Rtd=1;Flag=N&&", "area.flag_without_factor", "valid"),
        (f"{HEAD}CP=&&DataTime=20160801085857000&&", "time.milliseconds", "valid"),
        (f"{HEAD}CP=&&DataTime=20161301085857&&", "time.invalid", "valid"),
        (f"{HEAD}CP=&&{TIME}", "area.unclosed", "repaired"),
        (f"{HEAD}", "area.missing", "rejected"),
        (HEAD.replace("Flag=5", "FLAG=5") + "CP=&&&&", "header.case", "valid"),
        (HEAD.replace("Flag=5", "Flag=999") + "CP=&&&&", "flag.invalid", "valid"),
        (HEAD.replace("Flag=5", "Flag=7") + "CP=&&&&", "pnum.missing", "valid"),
        (HEAD + "PNUM=2;PNO=1;CP=&&&&", "pnum.unflagged", "valid"),
        (HEAD.replace("Flag=5;", "") + "CP=&&&&;Flag=5", "header.order", "valid"),
        (HEAD.replace("MN=010000A8900016F000169DC0;", "") + "CP=&&&&", "header.no_mn", "rejected"),
        (HEAD.replace("CN=2011;", "") + "CP=&&&&", "header.no_cn", "rejected"),
        (HEAD.replace("CN=2011;", "CN=7777;") + "CP=&&&&", "cn.unknown", "valid"),
        (HEAD.replace("ST=32;", "ST=101;") + "CP=&&&&", "st.width", "valid"),
        (HEAD.replace("PW=123456", "PW=") + "CP=&&&&", "pw.width", "valid"),
        (HEAD.replace("20160801085857223", "1") + "CP=&&&&", "qn.invalid", "valid"),
        (HEAD.replace("QN=20160801085857223;", "QN=;") + "CP=&&&&", "qn.empty", "valid"),
    ],
)
def test_departure_is_named(segment: str, code: str, verdict: str):
    packet = parse(wire(segment))
    assert code in packet.reasons
    assert packet.verdict == verdict


def test_a_missing_separator_is_repaired_at_the_next_factor():
    packet = area(f"{TIME};w20143-Rtd=1,w20143-Flag=Nw20144-Rtd=2,w20144-Flag=D")
    assert packet.factors == {
        "w20143": {"Rtd": "1", "Flag": "N"},
        "w20144": {"Rtd": "2", "Flag": "D"},
    }
    assert packet.verdict == "repaired"


def test_flag_after_the_data_area_still_asks_for_an_answer():
    packet = parse(wire(HEAD.replace("Flag=5;", "") + "CP=&&&&;Flag=5"))
    assert packet.wants_answer


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("w01018-Rtd=", "value.empty"),
        ("w01018-Rtd=-", "value.not_number"),
        ("w01018-Rtd=1.2.3", "value.not_number"),
        ("w01018-Rtd=1e5", "value.scientific"),
        ("w01018-Rtd=+1", "value.plus"),
        ("w01018-Rtd=-1", "value.negative"),
        ("w01018-Rtd=.1234567", "value.precision"),
        ("w01018-Rtd=9999", "value.sentinel"),
        ("w01018-Rtd=-999.99", "value.sentinel"),
        ("w01018-Rtd=1,w01018-SampleTime=", "time.empty"),
        ("w01018-Rtd=1,w01018-SampleTime=20161301000000", "time.invalid"),
        ("w01018-Rtd=1,w01018-SampleTime=20160801000000123", "time.milliseconds"),
    ],
)
def test_an_odd_value_is_noted_and_kept(item: str, code: str):
    packet = area(f"{TIME};{item}")
    assert packet.reasons == (code,)
    assert packet.verdict == "valid"
    assert packet.factors["w01018"]["Rtd"] == item.partition("=")[2].partition(",")[0]


@pytest.mark.parametrize(
    "item",
    ["a01012-Rtd=-3.5", "w01010-Rtd=-0.2", "w01018-Rtd=-0.0", "w01018-Rtd=.5", "w01018-Rtd=0.999",
     "SB1-RS=1", "w01018-EFlag=A1"],
)  # fmt: skip
def test_an_ordinary_value_is_not_noted(item: str):
    assert area(f"{TIME};{item}").reasons in ((), ("factor.medium",))


@pytest.mark.parametrize(
    ("st", "mn", "flag", "dialect"),
    [
        ("32", "010000A8900016F000169DC0", 5, "2017"),
        ("32", "010000A8900016F000169DC0", 9, "2025"),
        ("21", "A110000_0001", 9, "surface-water"),
        ("32", "88888880000001", 1, "2005"),
    ],
)
def test_dialect_is_proposed(st: str, mn: str, flag: int, dialect: str):
    segment = f"QN=20160801085857223;ST={st};CN=2011;PW=123456;MN={mn};Flag={flag};CP=&&&&"
    assert parse(wire(segment)).dialect == dialect
    assert parse(wire(segment), dialect="2005").dialect == "2005"


@pytest.mark.parametrize(
    "raw", [b"", b"#", b"##", b"hello", b"##0005", b"\xff" * 40, b"##0000"], ids=repr
)
def test_rubbish_is_rejected_with_its_bytes(raw: bytes):
    packet = parse(raw)
    assert packet.verdict == "rejected"
    assert packet.raw == raw


def test_every_deviation_can_be_read_in_both_languages():
    for kind in DEVIATIONS.values():
        assert kind.severity in ("note", "repair", "reject")
        assert all((kind.zh, kind.en, kind.source)), kind.code


def test_upload_is_what_a_site_sends():
    at = datetime(2016, 8, 1, 0, 58, 57, 223000, tzinfo=UTC)
    raw = hj212.upload(
        cn="2011",
        mn="A370299000000000000S0101",
        st="21",
        pw="123456",
        qn=at,
        data_time=at,
        values={"w21003": {"Rtd": "0.35", "Flag": "N"}},
    )
    packet = parse(raw)
    assert packet.verdict == "valid"
    assert packet.qn == "20160801085857223"
    assert packet.fields["DataTime"] == "20160801085857"
    assert packet.factors == {"w21003": {"Rtd": "0.35", "Flag": "N"}}


def test_answer_repeats_what_it_answers_even_where_it_is_odd():
    packet = parse(wire("ST=32;CN=2011;PW=;MN=0001_x;CP=&&DataTime=20160801085857&&"))
    assert parse(hj212.answer(packet)).mn == "0001_x"


def test_what_the_standard_forbids_is_not_sent(raises_problem):
    packet = area(TIME)
    with raises_problem("hj212.segment_too_long"):
        hj212.frame(b"x" * 1025)
    with raises_problem("hj212.cannot_render"):
        hj212.request(cn="20", mn=packet.mn, st="32", pw="123456", qn=packet.qn)
    with raises_problem("hj212.cannot_render"):
        hj212.request(cn="2061", mn=packet.mn, st="32", pw="123456", qn=packet.qn, area="a&&b")
    with raises_problem("hj212.cannot_render"):
        hj212.request(cn="2061", mn=packet.mn, st="32", pw="123456", qn=packet.qn, flag=7)
    with raises_problem("hj212.cannot_render"):
        hj212.upload(
            cn="2011",
            mn=packet.mn,
            st="32",
            pw="1",
            qn=packet.qn,
            data_time=packet.qn[:14],
            values={"w01018": {"Rtd": "1;2"}},
        )
    with raises_problem("hj212.cannot_render"):
        hj212.answer(packet, "2011")


@pytest.mark.parametrize("factors", [1, 15, 60, 400])
def test_a_long_upload_is_split_without_losing_a_factor(factors: int):
    at = datetime(2016, 8, 1, 0, 58, 57, 998000, tzinfo=UTC)
    values = {f"w{n:05d}": {"Avg": f"{n}.5", "Max": f"{n}.9", "Flag": "N"} for n in range(factors)}
    raws = hj212.uploads(
        cn="2061",
        mn="010000A8900016F000169DC0",
        st="32",
        pw="123456",
        qn=at,
        data_time="20160801080000",
        values=values,
    )
    packets = [parse(raw) for raw in raws]
    assert {packet.verdict for packet in packets} == {"valid"}
    assert {reason for packet in packets for reason in packet.reasons} == set()
    assert {packet.fields["DataTime"] for packet in packets} == {"20160801080000"}
    assert len({packet.qn for packet in packets}) == len(packets)
    found = {code: dict(said) for packet in packets for code, said in packet.readings}
    assert found == values
    if len(packets) == 1:
        assert (packets[0].flag, packets[0].pnum) == (5, None)
    else:
        assert max(len(raw) for raw in raws) > 900
        assert [(p.flag, p.pnum, p.pno) for p in packets] == [
            (7, len(packets), number + 1) for number in range(len(packets))
        ]
