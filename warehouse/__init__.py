"""Where data lives and the only way it is queried."""
