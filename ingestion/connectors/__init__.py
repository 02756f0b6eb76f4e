"""Connectors: one manifest a source, one reader for all of them, and loads that lose and double nothing."""
