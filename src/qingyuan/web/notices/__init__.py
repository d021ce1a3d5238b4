"""Notices (消息): what a person should know, in one inbox.

Room: one row per person and message, written in the deed's own transaction; read or not.
Knows: users, titles, links, times.
Never knows: cases, signals, what a message is about.
Sources: requirements of product.md §2.12: number, type, district, deadline and link, never names of citizens.
"""
