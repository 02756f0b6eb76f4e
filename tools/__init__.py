"""Analytic skills: typed arguments in, evidence with facts out."""
