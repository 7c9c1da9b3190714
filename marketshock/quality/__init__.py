"""The gate between sources and analysis: what must block, be footnoted, or be known."""
