"""The built-in brain: plain English without a model, deterministic, in milliseconds."""
