"""What each app adds to the world of the permission matrix: one module an app, found by itself.

``ROUTES_WITHOUT_OBJECTS``: routes that take no argument. ``build(world)`` makes the app's objects of
both sides through its services. ``examples(world, side, user)`` names them for each route.
``ALSO`` (optional): further statuses that are right for a route.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

ROOMS: list[ModuleType] = [
    import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)
]
