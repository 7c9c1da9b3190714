"""Significance tests: arrays in, :class:`SignificanceResult` out; nothing of markets in here."""
