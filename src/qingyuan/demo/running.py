"""Run the demo city for a person at the screen (演示): everything under one supervisor, until Ctrl-C."""

from __future__ import annotations

import sys

from qingyuan.demo.opening import open_city
from qingyuan.host.house import open_house
from qingyuan.host.programs import world_program
from qingyuan.host.settings import Settings
from qingyuan.host.supervisor import Program

__all__ = ["run_demo"]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 -- the demo speaks to the person who started it


def run_demo(*, size: str, seed: int) -> int:
    """Open (or reopen) the demo city and serve it until told to stop; return the exit code."""
    settings = Settings.from_environment()
    with open_house(settings, kind="demo") as house:
        _say(
            "正在打开演示城市（首次约一两分钟）/ opening the demo city (a minute or two the first time)"
        )
        open_city(house, size=size, seed=seed, doubtful=True)
        more = [
            world_program(
                house.folder,
                settings.gateway,
                house.environment,
                "--seed",
                str(seed),
                "--size",
                size,
            ),
            Program(
                "actors",
                (sys.executable, "-m", "qingyuan.demo.actors", "--seed", str(seed), "--size", size),
                house.environment,
            ),
        ]
        with house.supervise(more) as supervisor:
            supervisor.wait_ready()
            if not supervisor.was_asked_to_stop:
                _say(
                    f"演示城市已就绪 / the demo city is ready: http://{settings.web}\n"
                    f"数据 / data: {house.folder.path}  日志 / logs: {house.folder.logs}\n"
                    "按 Ctrl-C 停止；make reset 重新开始 / Ctrl-C stops it; make reset starts afresh"
                )
                supervisor.run(
                    on_end=lambda name, code: _say(
                        f"{name} 退出（{code}），重新启动 / ended ({code}), starting it again"
                    ),
                    on_trouble=lambda problem: _say(f"{problem.zh}\n{problem.en}"),
                )
    return 0
