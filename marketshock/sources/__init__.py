"""Where numbers come from: the only readers of network and data files."""
