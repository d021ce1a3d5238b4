"""Design system (界面).

Room: what every page is made of: base templates, components, colours, front-end build, navigation.
Knows: tokens, palette, template tags, registered navigation entries, the hashed assets.
Never knows: cases, enterprises, users' rights; entries, counts and roles come by registration.
Sources: HJ 633 (AQI colours); WCAG 2.2 AA; the pages of README.md beside this file.
"""

from __future__ import annotations

__all__: list[str] = []
