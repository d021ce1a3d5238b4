"""Inspections (督察): rounds, batches, items handed over, findings fed back, look-backs.

Room: what a round of inspection keeps beside its cases, and the papers made from it.
Knows: receipt numbers, batch figures announced and registered, public texts, acceptance, sampling.
Never knows: how a case moves (its procedures say), who complained beyond the text handed over.
Sources: cases.md §4.1, §4.2, §5; requirements R004–R012, R021–R040; data of nine published batches.
"""
