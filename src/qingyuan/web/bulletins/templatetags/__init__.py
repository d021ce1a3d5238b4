"""Template tags of bulletins."""
