from __future__ import annotations

import io
import sys
from types import ModuleType

import pytest

from qingyuan import cli
from qingyuan.core.problems import Problem, Problems


def _verb(monkeypatch: pytest.MonkeyPatch, run) -> None:
    module = ModuleType("qingyuan.cli.trace")
    module.add_arguments = lambda verbs: verbs.add_parser("trace").set_defaults(run=run)
    monkeypatch.setitem(sys.modules, "qingyuan.cli.trace", module)


def _raise(error: BaseException):
    def run(_: object) -> int:
        raise error

    return run


def test_help_lists_the_verbs_and_the_exit_codes(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "doctor" in shown
    assert "exit codes" in shown


def test_no_verb_is_a_wrong_call(capsys) -> None:
    assert cli.main([]) == 2
    assert "usage: qingyuan" in capsys.readouterr().err


def test_an_unknown_verb_is_a_wrong_call() -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["fly"])
    assert ended.value.code == 2


@pytest.mark.parametrize(("answer", "code"), [(None, 0), (0, 0), (1, 1)])
def test_the_verbs_answer_is_the_exit_code(monkeypatch, answer, code) -> None:
    _verb(monkeypatch, lambda _: answer)
    assert cli.main(["trace"]) == code


def test_a_problem_is_said_in_both_languages_on_standard_error(monkeypatch, capsys) -> None:
    _verb(monkeypatch, _raise(Problem("core.not_a_number", given="x")))
    assert cli.main(["trace"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "core.not_a_number" in shown.err
    assert "不是有限的数值" in shown.err
    assert "is not a finite number" in shown.err


def test_every_problem_of_a_batch_is_said(monkeypatch, capsys) -> None:
    _verb(monkeypatch, _raise(Problems(Problem("core.not_a_number", given=g) for g in "xy")))
    assert cli.main(["trace"]) == 1
    assert capsys.readouterr().err.count("[core.not_a_number]") == 2


def test_a_bug_is_not_dressed_up_as_a_problem(monkeypatch) -> None:
    _verb(monkeypatch, _raise(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.main(["trace"])


def test_a_verb_whose_library_is_missing_leaves_the_others(monkeypatch, capsys) -> None:
    def refuse(name: str) -> ModuleType:
        if name == "qingyuan.cli.trace":
            raise ModuleNotFoundError(name="scipy")
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(cli, "import_module", refuse)
    assert cli.main(["trace", "folder", "--json"]) == 2
    assert "scipy" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_silent_for_two_seconds_then_speaks() -> None:
    now = [0.0]
    out = io.StringIO()
    with cli.Progress("数据包 / packets", total=30, out=out, clock=lambda: now[0]) as progress:
        progress.step(10)
        assert out.getvalue() == ""
        now[0] = 2.5
        progress.step(10)
        progress.step(10)
    assert out.getvalue().splitlines() == [
        "数据包 / packets 20/30 · 2 s",
        "数据包 / packets 30/30 · 2 s",
    ]


def test_progress_rewrites_one_line_of_a_terminal() -> None:
    ticks = iter(range(100))
    out = Terminal()
    assert list(cli.Progress("x", out=out, clock=lambda: next(ticks)).over("abcd")) == list("abcd")
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().count("\r") >= 2
