"""First words (首次连接): what the platform says to a device it has not met before.

HJ 212-2017 6.7 (hj212.md §2): calibrate the clock, set timeout and re-sends, set the real-time and
minute intervals, and set whether real-time data and device state are pushed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from qingyuan.hj212.clock import qn_of, stamp
from qingyuan.hj212.packet import Packet
from qingyuan.hj212.session import Terms

__all__ = ["first_words"]


def first_words(
    *,
    mn: str,
    st: str,
    pw: str,
    at: datetime,
    terms: Terms,
    realtime_s: int,
    minute_interval: int,
    push_realtime: bool = True,
    push_state: bool = True,
    flag: int = 5,
) -> list[Packet]:
    """Return the requests and notices in the order in which `Sessions.ask` should send them.

    Each wants to be asked when the one before has ended; the clock is that of the first.

    Parameters
    ----------
    at : datetime
        An aware instant: the clock that is set, and the source of the request numbers.
    terms : Terms
        ``overtime`` and ``resends`` are told to the device.
    realtime_s, minute_interval : int
        Seconds between real-time packets, minutes of the minute interval.
    push_realtime, push_state : bool
        Whether the device shall send 2011 and 2021 of its own accord.
    """
    overtime = int(terms.overtime.total_seconds())
    said = [
        ("1012", f"SystemTime={stamp(at)}"),
        ("1000", f"OverTime={overtime};ReCount={terms.resends}"),
        ("1062", f"RtdInterval={realtime_s}"),
        ("1064", f"MinInterval={minute_interval}"),
        ("2011" if push_realtime else "2012", ""),
        ("2021" if push_state else "2022", ""),
    ]
    return [
        Packet(qn_of(at + timedelta(milliseconds=n)), st, cn, pw, mn, flag, None, None, "", area)
        for n, (cn, area) in enumerate(said)
    ]
