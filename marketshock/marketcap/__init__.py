"""Market value: its history on counts known at the time, losses of a day, reconciliation."""
