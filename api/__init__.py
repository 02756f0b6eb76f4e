"""The HTTP and command-line doors."""
