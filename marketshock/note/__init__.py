"""Claims of a published note, each recomputed and given a verdict."""
