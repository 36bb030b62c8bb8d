"""Which models to try first, by what was measured on other data sets: see `recommend.recommend`."""
