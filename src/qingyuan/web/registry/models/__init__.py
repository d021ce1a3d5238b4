"""What the registry keeps."""

from qingyuan.web.registry.models.devices import Device
from qingyuan.web.registry.models.geometry import DATUM, Shaped, WkbField
from qingyuan.web.registry.models.responsibility import Responsibility
from qingyuan.web.registry.models.sources import Enterprise, Outfall, OutfallLimit, OutfallProfile
from qingyuan.web.registry.models.territory import (
    AirStation,
    AirTarget,
    City,
    District,
    RiverReach,
    Section,
    SectionTarget,
)

__all__ = [
    "DATUM",
    "AirStation",
    "AirTarget",
    "City",
    "Device",
    "District",
    "Enterprise",
    "Outfall",
    "OutfallLimit",
    "OutfallProfile",
    "Responsibility",
    "RiverReach",
    "Section",
    "SectionTarget",
    "Shaped",
    "WkbField",
]
