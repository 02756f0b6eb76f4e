"""Engines run a BoundQuery and return Arrow; nothing else of theirs can be reached."""
