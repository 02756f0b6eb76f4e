"""Forecasting: simple candidates, a race on the user's own past, and ranges made from what the race got wrong."""
