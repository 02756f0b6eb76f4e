"""What every other layer rests on: errors, settings, the principal and application state."""
