"""The semantic model: what the tables of a workspace mean."""
