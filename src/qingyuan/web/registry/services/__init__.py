"""The deeds of the registry: load a city, publish its devices; and who answers for what."""

from qingyuan.web.registry.selectors.responsibility import responsible_for
from qingyuan.web.registry.services.devices import TERMS, add_device, change_device, publish_devices
from qingyuan.web.registry.services.load import Counts, load_city
from qingyuan.web.registry.services.targets import set_air_target, set_section_target

__all__ = [
    "TERMS",
    "Counts",
    "add_device",
    "change_device",
    "load_city",
    "publish_devices",
    "responsible_for",
    "set_air_target",
    "set_section_target",
]
