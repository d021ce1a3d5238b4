"""Field stations (现场机群).

Room: any number of invented loggers that speak HJ 212 to a gateway and heed its answers.
Knows: the dialects, every deviation of the field, re-sends, reconnects, history, what it sent.
Never knows: the city's truth (see `synth.world`), the gateway's code, what became of the packets.
Sources: HJ 212-2017 附录C; hj212.md §2, §6 for what the field does.
"""

from qingyuan.synth.devices.content import Content, Kind, kind_of
from qingyuan.synth.devices.deviate import DEVIATIONS, Deviation
from qingyuan.synth.devices.fleet import FieldStations, written
from qingyuan.synth.devices.plan import DIALECTS, Plan, device_rows
from qingyuan.synth.devices.report import Report

__all__ = [
    "DEVIATIONS",
    "DIALECTS",
    "Content",
    "Deviation",
    "FieldStations",
    "Kind",
    "Plan",
    "Report",
    "device_rows",
    "kind_of",
    "written",
]
