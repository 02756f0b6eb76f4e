"""The insight engine: looks over every figure and every split for what a person would want to be told."""
