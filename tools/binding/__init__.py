"""Packs bound to the tables a workspace really has: a wrong match is far worse than none."""
