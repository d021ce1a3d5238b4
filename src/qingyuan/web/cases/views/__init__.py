"""Pages of cases: the ledgers, one case, the enterprise's own."""
