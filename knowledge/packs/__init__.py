"""Industry packs: what a trade measures, calls things and asks, as files without code."""
