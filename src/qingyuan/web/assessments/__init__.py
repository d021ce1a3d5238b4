"""Assessments (评价考核).

Room: air and water held against standards and targets, sand-dust events, interviews; figures explained.
Knows: boards of stations and sections, budgets and forecasts, decisions about hours, why a figure is so.
Never knows: bulletins, the map's other layers, how a case is handled.
Sources: GB 3095, HJ 633, HJ 663, GB 3838-2002, 环办〔2011〕22号 through qingyuan.standards; 环办监测〔2016〕120号.
"""
