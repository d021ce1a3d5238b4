"""Qingyuan (清源): an open platform for a city's ecology-and-environment bureau."""

__version__ = "0.1.0"
