from __future__ import annotations

from qingyuan.river import Reach, network_of


def _reach(name: str, to: str, length: float = 1000.0) -> Reach:
    return Reach(name, to, length, 0.001, 0.03, 8, 1.0, 2.0)


def test_upstream_takes_every_branch_and_stops_at_no_gate() -> None:
    network = network_of(
        [
            _reach("a", "c"),
            _reach("b", "g"),
            Reach("g", "c", 10, 0.001, 0.03, 8, 1.0, 0.0, None, "gate"),
            _reach("c", "d"),
            _reach("d", ""),
            _reach("e", "d"),
        ]
    )
    above = network.upstream_reaches(network.index["c"])
    assert [r.reach_id for r, up in zip(network.reaches, above, strict=True) if up] == [
        "a",
        "b",
        "g",
        "c",
    ]


def test_on_the_same_reach_the_position_decides() -> None:
    import numpy as np

    network = network_of([_reach("a", "")])
    places = (np.array([0, 0, 0]), np.array([100.0, 500.0, 501.0]))
    assert network.is_upstream(places, network.point("a", 500)).tolist() == [True, True, False]


def test_the_path_runs_to_the_outlet() -> None:
    network = network_of([_reach("c", ""), _reach("a", "b"), _reach("b", "c")])
    path = [network.reaches[i].reach_id for i in network.path(network.index["a"])]
    assert path == ["a", "b", "c"]


def test_a_loop_is_named(raises_problem) -> None:  # type: ignore[no-untyped-def]  # shared fixture
    with raises_problem("river.cycle"):
        network_of([_reach("a", "b"), _reach("b", "c"), _reach("c", "b")])
