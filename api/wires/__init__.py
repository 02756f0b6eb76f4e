"""Translations of the run's events into outside protocols."""
