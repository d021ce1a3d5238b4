"""What monitoring keeps."""

from qingyuan.web.monitoring.models.following import Follower, Latest, PublishedRules
from qingyuan.web.monitoring.models.telemetry import DataMark, DeviceCommand, DeviceDay

__all__ = ["DataMark", "DeviceCommand", "DeviceDay", "Follower", "Latest", "PublishedRules"]
