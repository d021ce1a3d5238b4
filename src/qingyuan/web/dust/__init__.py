"""Dust sources (扬尘源): sites by responsible department, patches from the air, rounds, cases.

Room: the register of sites in dated versions, leads seen from above, rounds that visit, who answers.
Knows: the kinds of site, the six measures, whose duty each kind is, what lies near a point.
Never knows: taxis and their fixes (surveys), how a case is handled, the rebound of a district's PM10.
Sources: 国发〔2018〕22号 六个百分之百; requirements R035–R037, R161–R165, R322; air.md §9.
"""
