"""Pages of petitions: for staff, for the public, for the discipline role."""
