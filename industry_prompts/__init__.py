"""Industry packs: yaml and markdown, no code."""
