"""Procedures (办案程序): read, check, compare, try and publish versions."""
