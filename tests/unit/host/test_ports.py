from __future__ import annotations

import os
import socket
import sys

import pytest

from qingyuan.core.problems import Problem
from qingyuan.host.ports import check_free, free_port, holder_of
from qingyuan.host.settings import Address


def test_a_free_port_can_be_listened_on() -> None:
    address = Address("127.0.0.1", free_port())
    check_free(address, what="web", setting="QINGYUAN_WEB")


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells who holds a port")
def test_a_taken_port_names_its_holder_and_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        holder = holder_of(port)
        assert holder is not None
        assert holder.pid == os.getpid()
        with pytest.raises(Problem) as raised:
            check_free(Address("127.0.0.1", port), what="web", setting="QINGYUAN_WEB")
    assert raised.value.code == "host.port_in_use"
    assert str(os.getpid()) in raised.value.zh
    assert "QINGYUAN_WEB" in raised.value.en


def test_an_address_of_another_machine_is_refused(raises_problem) -> None:
    with raises_problem("host.address_not_ours"):
        check_free(Address("192.0.2.1", 8000), what="web", setting="QINGYUAN_WEB")
