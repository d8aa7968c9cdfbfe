"""Reading feedback and complaints: the trees, the lists, one case, and what its clocks show."""
