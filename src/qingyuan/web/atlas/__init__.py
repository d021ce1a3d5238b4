"""One map (一张图).

Room: the city on one map: layers, cards, time; the same content as tables.
Knows: which selector feeds which layer, what a card says first, how to look back in time.
Never knows: how a class is judged (standards), who may see what (accounts); it asks.
Sources: docs/zh/reference/sources.md, map section; HJ 633 and section colours in web/ui/palette.json.
"""

from __future__ import annotations

__all__: list[str] = []
