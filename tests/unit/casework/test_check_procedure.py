from __future__ import annotations

import re

import pytest

from qingyuan.casework import EFFECTS, check, load, mermaid, shipped


def codes(text: str, **given) -> list[str]:
    return [p.code for p in check(load(text, source="x.toml"), **given)]


def test_shipped_procedures_pass():
    for procedure in shipped().values():
        assert check(procedure) == []


def test_an_effect_the_platform_lacks_is_named(exceedance_text):
    (problem,) = check(load(exceedance_text, source="x"), effects=set(EFFECTS) - {"push_problems"})
    assert problem.code == "casework.unknown_name"
    assert problem.values["given"] == "push_problems"
    assert "系统动作" in problem.zh
    assert "effect" in problem.en


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param('to = "listed"', 'to = "lisetd"', "casework.unknown_name", id="to"),
        pytest.param('guards = ["no_problems"]', 'guards = ["none"]', "casework.unknown_name", id="guard"),
        pytest.param('ties = ["the_enterprise"]', 'ties = ["any"]', "casework.unknown_name", id="tie"),
        pytest.param('initial = "registered"', 'initial = "new"', "casework.unknown_name", id="initial"),
        pytest.param('not_by = ["ask_extension"]', 'not_by = ["ask"]', "casework.unknown_name", id="not_by"),
        pytest.param('or_field = "no_measurement_reason"', 'or_field = "x"', "casework.unknown_name", id="or_field"),
        pytest.param('evidence = ["check_record"]', 'evidence = ["selfie"]', "casework.unknown_name", id="evidence"),
        pytest.param('roles = ["duty_officer", "district_officer"', 'roles = ["mayor", "duty_officer", "district_officer"', "casework.unknown_name", id="role"),
        pytest.param('passed_to = "to_close"', 'passed_to = "end"', "casework.unknown_name", id="chain"),
        pytest.param('extend = ["handle"]', 'extend = ["x"]', "casework.unknown_name", id="clock"),
        pytest.param('passed_to = "to_close"', 'passed_to = "sent_back"', "casework.unreachable", id="unreachable"),
        pytest.param('stop = ["rectify"], start = ["rectify"]', 'stop = ["rectify"]', None, id="still-started"),
        pytest.param('clocks = { stop = ["sign"] }', "", "casework.clock_left_running", id="sign-runs-on"),
    ],
)  # fmt: skip
def test_faults_of_the_whole_are_found(exceedance_text, old, new, code):
    assert old in exceedance_text
    found = codes(exceedance_text.replace(old, new, 1))
    if code == "casework.clock_left_running":
        assert found == []  # the strike-off stops every clock anyway
        ends = 'clocks = { stop = ["sign", "handle", "rectify"] }'
        text = exceedance_text.replace(old, new, 1).replace(ends, "")
        assert code in codes(text)
    elif code is None:
        assert found == []
    else:
        assert code in found


def _state(name: str, *, terminal: bool = False) -> str:
    return (
        f'[[state]]\nname = "{name}"\nzh = "{name}"\nen = "{name}"\nphase = "handle"\n'
        f'ledger = "handle"\nterminal = {str(terminal).lower()}\n'
    )


def test_a_state_without_exit_and_one_without_end(exceedance_text):
    trap = _state("pit") + _state("loop_a") + _state("loop_b")
    deeds = ""
    for name, start, to in (
        ("fall", "signed", "pit"),
        ("enter", "signed", "loop_a"),
        ("forth", "loop_a", "loop_b"),
        ("back", "loop_b", "loop_a"),
    ):
        deeds += (
            f'[[deed]]\nname = "{name}"\nzh = "{name}"\nen = "{name}"\nfrom = ["{start}"]\n'
            f'to = "{to}"\nroles = ["duty_officer"]\nclause = "—"\n'
        )
    found = codes(exceedance_text + trap + deeds)
    assert found.count("casework.no_exit") == 1
    assert found.count("casework.no_end") == 2


def test_administrators_never_act(exceedance_text):
    text = exceedance_text.replace(
        'roles = ["duty_officer", "district_officer"', 'roles = ["audit_admin", "duty_officer", "district_officer"', 1
    ).replace('roles = ["enterprise"]', 'roles = ["audit_admin"]', 1)  # fmt: skip
    (problem,) = check(load(text, source="x.toml"))
    assert problem.code == "casework.admin_deed"
    assert "审计管理员" in problem.zh
    assert problem.values["line"] > 1


def test_two_passes_of_one_chain_are_ambiguous(exceedance_text):
    start = exceedance_text.index('[[deed]]\nname = "sign_pass"')
    end = exceedance_text.index("[[deed]]", start + 1)
    twin = exceedance_text[start:end].replace('"sign_pass"', '"sign_pass_too"')
    assert codes(exceedance_text + twin) == ["casework.ambiguous_chain"]


def test_half_a_chain_is_refused(exceedance_text):
    assert "casework.chain_mismatch" in codes(exceedance_text.replace('verdict = "pass"\n', "", 1))


def _deed(name: str, label: str, start: str, to: str, **more: str) -> str:
    extra = "".join(f"{key} = {value}\n" for key, value in more.items())
    return (
        f'[[deed]]\nname = "{name}"\nzh = "{label}"\nen = "{name}"\nfrom = ["{start}"]\n'
        f'to = "{to}"\nroles = ["duty_officer"]\nclause = "—"\n{extra}'
    )


def test_a_case_in_hand_has_somebody_responsible(exceedance_text):
    short_cut = _deed("skip", "径行办理", "registered", "signed")
    found = check(load(exceedance_text + short_cut, source="x.toml"))
    (problem,) = [p for p in found if p.code == "casework.handled_by_nobody"]
    assert "径行办理" in problem.zh
    # nor has a case that never was assigned a clock
    guarded = _deed("skip", "径行办理", "registered", "signed", guards='["assigned"]')
    assert set(codes(exceedance_text + guarded)) == {"casework.no_clock"}
    # the trail begins anew where somebody is released
    released = _deed("skip", "径行办理", "returned", "signed")
    assert "casework.handled_by_nobody" in codes(exceedance_text + released)


def test_an_open_state_needs_a_running_clock_or_a_reason(exceedance_text):
    bare = re.sub(r"^unclocked = .*\n", "", exceedance_text, flags=re.M)
    found = check(load(bare, source="x.toml"))
    assert {p.code for p in found} == {"casework.no_clock"}
    assert {p.values["state"].zh for p in found} == {"待交办", "退回待改派"}
    assert all("unclocked" in p.zh and "unclocked" in p.en for p in found)
    empty = exceedance_text.replace("unclocked = ", 'unclocked = "  " # ')
    assert set(codes(empty)) == {"casework.no_clock"}


@pytest.mark.parametrize(
    ("procedure", "states"),
    [
        ("enforcement_audit", ["signing", "opined", "rechecking"]),
        ("inspection_item", ["to_review", "rectifying", "to_close"]),
        ("inspection_finding", ["to_accept", "on_notice", "reopened"]),
        ("party_inspection", ["handed_in", "signing", "accepted", "sent_back"]),
        ("task", ["handed_in", "signing", "accepted", "running"]),
    ],
)
def test_review_and_strike_off_run_against_a_clock(procedure, states):
    rules = shipped()[procedure]
    assert not [name for name in states if rules.states[name].unclocked]
    assumed = [
        c
        for c in rules.clocks.values()
        if c.name in ("sign_off", "close", "redo", "accept", "settle", "recheck")
    ]
    assert assumed
    for clock in assumed:
        assert clock.clause, clock.name
        assert "2026-11-23" in clock.mark, clock.name
        assert "惯例" in clock.mark, clock.name
        assert {rung.card for rung in clock.warn} == {"yellow", "red", "slip"}


def test_the_last_pass_of_a_chain_hands_the_clock_on():
    rules = shipped()["party_inspection"]
    passing = rules.deeds["sign_pass"]
    assert rules.clocks_of(passing, to="signing").start == ("sign_off",)
    last = rules.clocks_of(passing, to="accepted")
    assert last.start == ("close",)
    assert last.stop == ("sign_off",)


def test_two_deeds_of_one_role_never_look_the_same(exceedance_text):
    twin = _deed("assign_too", "交办", "registered", "registered")
    assert codes(exceedance_text + twin) == ["casework.twin_deeds"]
    elsewhere = _deed("assign_too", "交办", "closed", "registered")
    assert codes(exceedance_text + elsewhere) == []


def test_clocks_never_started_or_never_stopped(exceedance_text):
    extra = '[clock.idle]\nzh = "闲"\nen = "Idle"\nunit = "day"\nlength = 1\nclause = "—"\n'
    assert codes(exceedance_text + extra) == ["casework.clock_never_starts"]
    started = exceedance_text.replace(
        'start = ["sign", "handle"]', 'start = ["sign", "handle", "idle"]'
    )
    found = codes(started + extra)
    assert "casework.clock_never_stops" in found
    assert "casework.clock_left_running" in found


def test_a_dated_clock_needs_its_date_asked(exceedance_text):
    text = exceedance_text.replace(
        'name = "due_on", kind = "date"', 'name = "due_on", kind = "line"', 1
    )
    assert codes(text) == ["casework.until_not_asked"]


def test_a_strike_off_without_evidence_is_refused(exceedance_text):
    text = exceedance_text.replace("strike_off = true\n", "")
    assert codes(text) == ["casework.no_strike_off"]
    wanted = 'evidence = ["check_record", { any = ["measurement_back"], or_field = "no_measurement_reason" }]\n'
    assert codes(exceedance_text.replace(wanted, "")) == ["casework.no_strike_off"]


def test_every_state_has_ledger_and_phase_and_every_deed_its_clause():
    for procedure in shipped().values():
        assert all(s.ledger and s.phase for s in procedure.states.values())
        assert all(d.clause for d in procedure.deeds.values())
        assert all(d.label.zh and d.label.en for d in procedure.deeds.values())


def test_the_diagram_shows_every_state_and_the_way_to_the_end():
    procedure = shipped()["exceedance"]
    drawn = mermaid(procedure)
    assert all(f"as {name}" in drawn for name in procedure.states)
    assert "to_close --> closed: 销号 / 销号（未发现问题）" in drawn
    assert "closed --> [*]" in drawn
    assert "Strike off" in mermaid(procedure, language="en")
