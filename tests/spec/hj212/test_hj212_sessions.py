"""The dialogues of annex C driven through the platform's side, and the ways in which they fail."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.hj212 import (
    DEVIATIONS,
    Accepted,
    Data,
    Ended,
    LinkLost,
    Packet,
    Send,
    Sessions,
    Stray,
    Terms,
    outcomes,
    parse,
    request_command,
    upload_command,
)
from qingyuan.hj212.tables import COMMANDS

title = "HJ 212-2017 附录C 会话 / the dialogues, driven from the platform's side"

T0 = datetime(2016, 8, 1, 0, 58, 57, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MN = "010000A8900016F000169DC0"
QN = "20160801085857223"
HISTORY = "BeginTime=20160801080000;EndTime=20160801090000"


def said(cn: str, area: str = "", *, qn: str = QN, flag: int = 4, st: str = "32") -> Packet:
    head = f"QN={qn};ST={st};CN={cn};PW=123456;MN={MN};Flag={flag};"
    return parse(hj212.frame(f"{head}CP=&&{area}&&".encode()))


def sessions_asking(cn: str, area: str = "", *, terms: Terms | None = None) -> Sessions:
    sessions = Sessions(terms or Terms())
    (sent,) = sessions.ask(said(cn, area, flag=5), at=T0)
    assert sent == Send(MN, said(cn, area, flag=5).raw, after_durable=False)
    return sessions


def names(events: list[hj212.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


# The standard prints no 9014 after this data packet although its Flag asks for one.
ANSWERED_ALL_THE_SAME = {"C.34"}


@pytest.mark.shared
def test_every_dialogue_of_annex_c_runs_to_its_end(shared_data: Path):
    asked_in_all = 0
    for line in (shared_data / "hj212/dialogues_2017.jsonl").read_text("utf-8").splitlines():
        dialogue = json.loads(line)
        table, sessions, at = dialogue["table"], Sessions(), T0
        sent, wanted, ended, data, asked = [], [], [], [], 0
        for step in dialogue["steps"]:
            at += SECOND
            packet = parse(hj212.frame(step["data_segment"].encode()))
            if step["from"] == "site":
                events = sessions.hear(packet, at=at)
                assert "Stray" not in names(events) or table == "C.22", table
                if packet.cn[0] != "9":
                    data += [event for event in events if isinstance(event, Data)]
            elif packet.cn[0] == "9":
                wanted.append(packet)
                continue
            else:
                events = sessions.ask(packet, at=at)
                wanted.append(packet)
                asked += 1
            sent += [parse(event.raw) for event in events if isinstance(event, Send)]
            ended += [event for event in events if isinstance(event, Ended)]
        if table in ANSWERED_ALL_THE_SAME:
            sent = [packet for packet in sent if packet.cn != "9014"]
        assert sent == wanted, table
        assert [event.outcome for event in ended] == ["done"] * asked, table
        assert all((event.request is not None) == bool(asked) for event in data), table
        assert sessions.due() is None
        asked_in_all += asked
    assert asked_in_all == 23


def test_no_answer_is_asked_for_again_and_then_given_up():
    sessions = sessions_asking("1061")
    raw = said("1061", flag=5).raw
    for again in range(1, 4):
        assert sessions.tick(T0 + 10 * again * SECOND - SECOND) == []
        assert sessions.tick(T0 + 10 * again * SECOND) == [Send(MN, raw, after_durable=False)]
    ended, lost = sessions.tick(T0 + 40 * SECOND)
    assert (ended.outcome, lost) == ("silent", LinkLost(MN))
    assert sessions.due() is None
    assert sessions.hear(said("9011", "QnRtn=1", st="91"), at=T0 + 41 * SECOND) == [
        Stray(said("9011", "QnRtn=1", st="91"), "session.late")
    ]


def test_overtime_and_resends_are_those_of_the_device():
    sessions = Sessions()
    sessions.agree(MN, Terms(overtime=5 * SECOND, resends=0))
    sessions.ask(said("1061", flag=5), at=T0)
    assert sessions.due() == T0 + 5 * SECOND
    assert names(sessions.tick(T0 + 5 * SECOND)) == ["Ended", "LinkLost"]


def test_accepted_but_never_done():
    sessions = sessions_asking("2061", HISTORY)
    (accepted,) = sessions.hear(said("9011", "QnRtn=1", st="91"), at=T0 + SECOND)
    assert isinstance(accepted, Accepted)
    data = said("2061", "DataTime=20160801080000;w01018-Avg=1", qn="20160801085900001")
    (heard,) = sessions.hear(data, at=T0 + 50 * SECOND)
    assert heard == Data(data, accepted.request, "")
    assert sessions.due() == T0 + 110 * SECOND
    (ended,) = sessions.tick(T0 + 110 * SECOND)
    assert ended.outcome == "overdue"


def test_data_without_end_does_not_keep_a_session_open():
    sessions = sessions_asking("2061", HISTORY, terms=Terms(longest=120 * SECOND))
    data = said("2061", "DataTime=20160801080000;w01018-Avg=1")
    seen: list[hj212.Event] = []
    for after in range(200):
        seen += sessions.hear(data, at=T0 + after * SECOND)
    assert [event.outcome for event in seen if isinstance(event, Ended)] == ["too_long"]


@pytest.mark.parametrize(
    ("cn", "area", "outcome"),
    [
        ("9011", "QnRtn=3", "refused"),
        ("9011", "", "refused"),
        ("9012", "ExeRtn=1", "done"),
        ("9012", "ExeRtn=100", "no_data"),
        ("9012", "ExeRtn=5", "failed"),
        ("9012", "", "failed"),
    ],
)
def test_results_end_a_session(cn: str, area: str, outcome: str):
    sessions = sessions_asking("2061", HISTORY)
    (ended,) = sessions.hear(said(cn, area, st="91"), at=T0 + SECOND)
    assert isinstance(ended, Ended)
    assert (ended.outcome, ended.result) == (outcome, area.partition("=")[2])
    assert ended.note == ("session.no_9011" if cn == "9012" else "")
    assert outcome in outcomes()


def test_live_data_does_not_answer_a_question_about_the_past():
    sessions = sessions_asking("2061", HISTORY)
    live = said("2061", "DataTime=20160801100000;w01018-Avg=1", qn="20160801110000001", flag=5)
    heard, reply = sessions.hear(live, at=T0 + SECOND)
    assert heard == Data(live, None, "")
    assert reply.after_durable
    assert parse(reply.raw).cn == "9014"
    assert len(sessions.open(MN)) == 1


def test_a_question_about_one_kind_of_information_is_not_answered_by_another():
    sessions = sessions_asking("3020", "PolId=w01018;InfoId=i12001")
    log = said("3020", "DataTime=20160801085857;PolId=w01018;i11001-Info=//1//", qn="2" * 17)
    assert sessions.hear(log, at=T0)[0].request is None
    state = said("3020", "DataTime=20160801085857;PolId=w01018;i12001-Info=1", qn="2" * 17)
    assert sessions.hear(state, at=T0)[0].request is not None


def test_a_foreign_number_is_accepted_only_when_one_request_can_be_meant():
    answer = said("9011", "QnRtn=1", qn="20101110010101001", st="91")
    sessions = sessions_asking("1061")
    assert [event.note for event in sessions.hear(answer, at=T0)] == ["session.qn_differs"]
    sessions = sessions_asking("1061")
    sessions.ask(said("1063", qn="20160801085857224", flag=5), at=T0)
    assert sessions.hear(answer, at=T0) == [Stray(answer, "session.stray")]


def test_a_reply_of_2005_is_matched_by_the_number_in_its_area():
    sessions = sessions_asking("1061")
    head = f"ST=91;CN=9011;PW=123456;MN={MN};Flag=0;"
    reply = parse(hj212.frame(f"{head}CP=&&QN={QN};QnRtn=1&&".encode()))
    assert names(sessions.hear(reply, at=T0)) == ["Accepted"]


@pytest.mark.parametrize(
    ("answer", "flag", "replies"),
    [("flag", 5, 1), ("flag", 4, 0), ("always", 4, 1), ("never", 5, 0)],
)
@pytest.mark.parametrize(("cn", "reply"), [("2011", "9014"), ("1013", "9013"), ("9015", "9013")])
def test_what_a_site_says_is_answered_by_policy(answer, flag, replies, cn, reply):
    sessions = Sessions(Terms(answer=answer))
    events = sessions.hear(said(cn, flag=flag), at=T0)
    assert [parse(event.raw).cn for event in events[1:]] == [reply] * replies


def test_a_closed_link_ends_what_is_open():
    sessions = sessions_asking("1061")
    assert [event.outcome for event in sessions.close(MN)] == ["closed"]
    assert sessions.close(MN) == []


def test_a_rejected_packet_moves_nothing():
    sessions = sessions_asking("1061")
    bad = parse(said("9011", "QnRtn=1", st="91").raw[:-6] + b"BEEF\r\n")
    assert sessions.hear(bad, at=T0) == [Stray(bad, "session.rejected")]
    assert sessions.due() == T0 + 10 * SECOND


def test_every_code_of_a_session_is_in_a_table():
    source = Path(hj212.session.__file__).read_text("utf-8")
    used = {part.partition('"')[0] for part in source.split('"')[1::2]}
    for code in sorted(word for word in used if word.startswith("session.")):
        assert code in DEVIATIONS, code
    assert {code for code in DEVIATIONS if code.startswith("session.")} <= used
    for row in outcomes().values():
        assert all((row["source"], row["zh"], row["en"]))


@pytest.mark.shared
def test_every_command_says_what_it_holds_both_ways(shared_data: Path):
    with (shared_data / "hj212/commands.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 78
    # Beyond them: 1014 as surface water reads it (the note of its row), and a vendor's 9022.
    assert sum(len(found) for found in COMMANDS.values()) == 80
    marks = {"in_2005": "2005", "in_2017": "2017", "in_2025": "2025"}
    marks["in_surface_water_dialect"] = "surface-water"
    for row in rows:
        mine = next(c for c in COMMANDS[row["cn"]] if c.direction == row["direction"])
        assert mine.area_down == row["cp_platform_to_site"], row["cn"]
        assert mine.area_up == row["cp_site_to_platform"], row["cn"]
        assert mine.flow[:1] == row["flow"][:1], row["cn"]
        wanted = {name for column, name in marks.items() if row[column] == "1"}
        assert wanted == set(mine.versions.split()) - {"vendor"}, row["cn"]
        down, up = request_command(mine.cn), upload_command(mine.cn)
        assert (down is not None) or (up is not None)


@pytest.mark.parametrize("row", [r for rows in COMMANDS.values() for r in rows], ids=lambda r: r.cn)
def test_every_command_can_be_spoken(row: hj212.tables.Command):
    """Each row, each way: written, read back, and led to its end."""
    sessions = Sessions()
    packet = said(row.cn, "PolId=w01018" if row.area_down or row.area_up else "", flag=5)
    if row.direction in ("down", "both") and row.kind not in ("interaction", "extension"):
        sessions.ask(packet, at=T0)
        if row.kind == "notify":
            (ended,) = sessions.hear(said("9013", st="91"), at=T0)
        else:
            sessions.hear(said("9011", "QnRtn=1", st="91"), at=T0)
            if "data" in row.flow:
                assert sessions.hear(packet, at=T0)[0].request is not None
            (ended,) = sessions.hear(said("9012", "ExeRtn=1", st="91"), at=T0)
        assert ended.outcome == "done"
    if row.direction in ("up", "both") and row.kind != "interaction":
        data, *replies = sessions.hear(packet, at=T0)
        assert data == Data(packet, None, "")
        assert [parse(reply.raw).cn for reply in replies] == [row.reply]
