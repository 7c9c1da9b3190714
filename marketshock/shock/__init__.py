"""Joins across analyses: abnormal returns with market values."""
