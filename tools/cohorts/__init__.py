"""Cohorts, retention and lengths of stay: who came back, and how sure one can be of it."""
