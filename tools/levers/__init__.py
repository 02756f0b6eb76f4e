"""Levers: how one figure is made of others, so that a supposed change can be worked out exactly."""
