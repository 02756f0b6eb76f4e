"""Suites about the model brain, all against the scripted server; a real endpoint may take its place."""
