"""Texts (文本): what an official text says, read into rows.

Room: bulletins of inspection batches, rectification reports; numbers, titles and tables in prose.
Knows: how such texts are written and where their counts hide.
Never knows: databases, cases, users, today's date.
Sources: requirements S3 (R066–R068); reference cases.md §4.1, §4.5.
"""
