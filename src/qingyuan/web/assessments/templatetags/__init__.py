"""Tags of assessments."""
