"""Inspections (督察交办): rounds, batches, items, publication, strike-off, look-back."""
