"""Questions about petitions; what a person may see comes first."""

from qingyuan.web.petitions.selectors.nearby import candidates, open_in_cell
from qingyuan.web.petitions.selectors.settings import channel_label, channels, parameter

__all__ = ["candidates", "channel_label", "channels", "open_in_cell", "parameter"]
