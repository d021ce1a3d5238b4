"""Campaigns (专项行动): containers of cases with objects, sub-plans, teams and counts."""
