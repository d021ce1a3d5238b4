"""The deeds of surveys: bring fixes and roads, analyse a day, override a class, issue a slip."""

from qingyuan.web.surveys.services.fleet import MOST_FILE_BYTES, import_fixes, publish_vehicles
from qingyuan.web.surveys.services.month import override, withdraw_override
from qingyuan.web.surveys.services.night import analyse, ask_night, begin_nights
from qingyuan.web.surveys.services.roads import bring_roads, put_network
from qingyuan.web.surveys.services.slips import issue_slip, slip_file

__all__ = [
    "MOST_FILE_BYTES",
    "analyse",
    "ask_night",
    "begin_nights",
    "bring_roads",
    "import_fixes",
    "issue_slip",
    "override",
    "publish_vehicles",
    "put_network",
    "slip_file",
    "withdraw_override",
]
