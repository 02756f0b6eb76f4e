"""Keeps figures about few people back, wherever a finding leaves a tool, so that no door can show them."""
