"""Pages of signals: the alarm console, and what the data-quality inspection found."""
