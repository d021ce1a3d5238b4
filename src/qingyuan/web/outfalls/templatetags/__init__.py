"""Template words of the outfall pages."""
