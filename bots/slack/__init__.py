"""Plainsay in Slack: the team asks where it already talks, with the rights of whoever asks."""
