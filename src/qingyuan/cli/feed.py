"""``qingyuan feed``: take what a broker publishes into a running city's store, until told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import threading

from qingyuan.core.problems import Problem
from qingyuan.host.settings import Settings

__all__ = ["add_arguments"]


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    feed = verbs.add_parser(
        "feed",
        help="从 MQTT 代理接收监测数据（HTTP 批量由网页服务接收）/ take observations from an MQTT broker",
    )
    feed.add_argument(
        "--mqtt",
        metavar="URL",
        default=os.environ.get("QINGYUAN_MQTT", ""),
        help="mqtt[s]://用户:密码@主机:端口/主题?version=5&ca=文件；缺省取 QINGYUAN_MQTT，"
        "口令不写在命令行上 / default: QINGYUAN_MQTT, which keeps the password off the command line",
    )
    feed.add_argument(
        "--fixes",
        action="store_true",
        help="主题里是走航定位数据 / the topic carries fixes of a survey fleet",
    )
    feed.set_defaults(run=_feed)


def _feed(call: argparse.Namespace) -> int:
    import logging
    import sys

    from qingyuan.feeds import FIXED, Intake, StationsFile, VehiclesFile
    from qingyuan.feeds.intake import OBSERVED
    from qingyuan.feeds.mqtt import Broker, Subscriber
    from qingyuan.host.citytime import CityClock
    from qingyuan.host.folder import DataFolder

    broker = Broker.parse(call.mqtt)
    house = Settings.from_environment()
    folder = DataFolder(house.data)
    if not folder.stamp.exists():
        raise Problem("host.folder_missing", path=folder.path)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    intake = Intake(
        folder.journal / ("fleet" if call.fixes else "feeds"),
        folder.store,
        stations=VehiclesFile(folder.vehicles) if call.fixes else StationsFile(folder.devices),
        matter=FIXED if call.fixes else OBSERVED,
        clock=CityClock(folder).now,
        keep_days=house.journal_days,
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    intake.commit()
    intake.commit_abandoned()
    subscriber = Subscriber(broker, intake)
    subscriber.start()
    stop.wait()
    subscriber.stop()
    intake.close()
    return 0
