"""What a market is: sessions, price and return panels, splits, share counts, instruments."""
