"""A cluster to practise on (练习集群): Spark's own master and workers, on loopback.

For tests, measurements and a first look; a real cluster is set up by who runs it. Ports are the
system's choice, every process is ended with the block.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from qingyuan.core.problems import Problem

__all__ = ["local_cluster", "why_not"]

_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
_PATIENCE_S = 60.0
_PR_SET_PDEATHSIG = 1
_QUICK = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # up sooner; nothing runs long enough to repay more
)


def why_not() -> str | None:
    """Return why no cluster can be started here; None when one can."""
    if find_spec("pyspark") is None:
        return "没有安装 pyspark（requirements/spark.txt）/ pyspark is not installed"
    java = shutil.which("java")
    if java is None:
        return "没有 Java 17 / no Java 17"
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < 17:
        return f"Java 版本不够（要 17）/ Java 17 is needed: {told.strip().splitlines()[:1]}"
    return None


@contextmanager
def local_cluster(*, workers: int = 2, memory_mb: int = 768, cores: int = 1) -> Iterator[str]:
    """Start a master and workers, yield ``spark://127.0.0.1:port``, and end them all.

    Raises
    ------
    Problem
        ``store.spark_missing`` without pyspark or Java; ``store.spark_away`` when the processes do
        not come up within a minute.
    """
    if reason := why_not():
        raise Problem("store.spark_missing", cause=reason)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qy-spark-")))
        master = _start(stack, folder, "master", _MASTER, "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")  # fmt: skip
        url = _awaited(master, r"Starting Spark master at (spark://[\d.]+:\d+)")
        logs = [
            _start(
                stack, folder, f"worker{n}", _WORKER, "--host", "127.0.0.1", "--port", "0", "--webui-port", "0",
                "--cores", str(cores), "--memory", f"{memory_mb}m", "--work-dir", str(folder / f"w{n}"), url,
            )
            for n in range(workers)
        ]  # fmt: skip
        for log in logs:
            _awaited(log, r"(Successfully registered with master)")
        yield url


def _start(stack: ExitStack, folder: Path, name: str, *command: str) -> Path:
    spec = find_spec("pyspark")
    assert spec is not None  # `why_not` looked
    assert spec.origin is not None
    home = Path(spec.origin).parent
    log = folder / f"{name}.log"
    settings = folder / "conf"
    settings.mkdir(exist_ok=True)
    (settings / "log4j2.properties").write_text(_LOGGING, "utf-8")
    process = subprocess.Popen(
        [str(home / "bin" / "spark-class"), *command],
        env={
            **os.environ, "SPARK_HOME": str(home), "SPARK_CONF_DIR": str(settings),
            "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": _QUICK,
            "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1",
            "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_DIRS": str(folder / "local"),
        },
        stdin=subprocess.DEVNULL, stdout=log.open("wb"), stderr=subprocess.STDOUT,
        start_new_session=True, preexec_fn=_end_with_us,
    )  # fmt: skip
    stack.callback(_end, process)
    return log


def _end_with_us() -> None:
    """Have the kernel end this process with the one that started it, however that one ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


_LOGGING = """rootLogger.level = info
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
"""


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(5)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(5)


def _awaited(log: Path, pattern: str) -> str:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        text = log.read_text("utf-8", errors="replace")
        if found := re.search(pattern, text):
            return found[1]
        time.sleep(0.1)
    raise Problem("store.spark_away", master=log.stem, cause=text[-200:])
