"""Accuracy, speed and safety suites with a scoreboard."""
