"""Cities (城市包).

Room: a city as data files: districts, offices, people, rivers, stations, devices, who answers for what.
Knows: every file and column of a city folder, and whether they agree with one another.
Never knows: databases, sockets, users signed in, today's date.
Sources: GB 32100-2015, GB/T 4754-2017, HJ 212-2017, HJ 1312-2023; docs/en/architecture.md §9.
"""

from qingyuan.cities.columns import Column, TableFile, table_files
from qingyuan.cities.credit_code import credit_code_of, is_valid_credit_code
from qingyuan.cities.model import (
    AirStation,
    City,
    Device,
    District,
    Enterprise,
    Limit,
    Outfall,
    Person,
    Profile,
    Reach,
    Responsibility,
    Section,
    Unit,
)
from qingyuan.cities.read import read_city, shipped_city

__all__ = [
    "AirStation",
    "City",
    "Column",
    "Device",
    "District",
    "Enterprise",
    "Limit",
    "Outfall",
    "Person",
    "Profile",
    "Reach",
    "Responsibility",
    "Section",
    "TableFile",
    "Unit",
    "credit_code_of",
    "is_valid_credit_code",
    "read_city",
    "shipped_city",
    "table_files",
]
