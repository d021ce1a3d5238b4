"""The simulator's stations against the real gateway: what may be believed is, nothing good waits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway_station import publish
from qingyuan.gateway.server import Gateway
from qingyuan.hj212 import DEVIATIONS as CODES
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine
from qingyuan.synth.devices import DEVIATIONS, FieldStations, Plan, device_rows


@pytest.fixture
def play(tmp_path: Path, run):
    """Play a plan against a gateway on ``tmp_path``; return the stations and the report."""

    def playing(plan: Plan) -> tuple[FieldStations, dict[str, object]]:
        publish(tmp_path, *device_rows(plan))
        fleet, report = FieldStations(plan), {}

        async def scenario() -> None:
            gateway = Gateway(
                tmp_path,
                clock=lambda: datetime.fromtimestamp(fleet.now(), tz=UTC),
                commit_every=0.2,
            )
            host, port = await gateway.start(("127.0.0.1", 0))
            report.update(await fleet.run(host, port))
            await gateway.stop()

        run(scenario())
        return fleet, report

    return playing


def test_every_deviation_at_once_and_no_good_station_waits(tmp_path, play):
    plan = Plan(count=120, rate=120, seconds=3, factors=3, deviations=tuple(DEVIATIONS), share=0.5,
                overtime_s=0.3, recount=1, seed=3)  # fmt: skip
    fleet, report = play(plan)
    waiting = {plan.manner(n) for n, one in enumerate(fleet.stations) if one.waiting}
    assert waiting <= {"answer.deaf"}  # those hear no answer, whoever gives it
    assert report["unanswered"] > 0
    aside = {row["reason"] for row in Quarantine(tmp_path / "store").recent(1000)}
    assert "crc.unknown" in aside
    assert all(
        code.startswith("gateway.") or CODES[code].severity == "reject" or "frame" in code
        for code in aside
    )
    mns = set(Observations(tmp_path / "store").since(0)["mn"].to_pylist())
    good = {row["mn"] for n, row in enumerate(device_rows(plan)) if not plan.deviates(n)}
    assert good <= mns


def test_loss_and_storms_leave_nothing_waiting(tmp_path, play):
    plan = Plan(dialects=("2005", "2017", "2025", "surface-water"), count=100, rate=100, seconds=3,
                factors=3, loss=0.1, storm_s=0.7, overtime_s=0.5, seed=5)  # fmt: skip
    _, report = play(plan)
    assert (report["waiting"], report["unanswered"]) == (0, 0)
    assert report["acknowledged"] == report["made"] == 300
    rows = Observations(tmp_path / "store").since(0)
    assert rows.num_rows == rows.group_by(["mn", "time", "factor", "suffix"]).aggregate([]).num_rows
    assert rows.group_by(["mn", "qn"]).aggregate([]).num_rows == 300
