"""Stand-ins for what tests and evals must be able to break at will."""
