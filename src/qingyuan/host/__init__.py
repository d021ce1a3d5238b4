"""Host (运行): what every process stands on.

Room: the data folder, settings, city time, ports, the embedded PostgreSQL, the supervisor.
Knows: disks, locks, users of the operating system, sockets, clocks, how to start a command.
Never knows: rivers, cases, Django; the supervisor imports none of what it starts.
Sources: docs/en/architecture.md §1; PostgreSQL 18 documentation; prctl(2), user_namespaces(7).
"""

from qingyuan.host.citytime import CityClock
from qingyuan.host.folder import DataFolder
from qingyuan.host.settings import Settings

__all__ = ["CityClock", "DataFolder", "Settings"]
