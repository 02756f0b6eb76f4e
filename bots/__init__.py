"""Doors that speak first or in chats: digests and Slack."""
