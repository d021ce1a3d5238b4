"""Pages of outfalls."""
