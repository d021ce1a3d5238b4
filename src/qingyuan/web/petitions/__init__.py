"""Petitions (信访举报): channels, the complainant kept apart, replies, call-backs, packaged cases."""
