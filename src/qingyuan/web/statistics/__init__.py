"""Statistics (办案统计): defined figures computed from the rows, each with the rows behind it."""
