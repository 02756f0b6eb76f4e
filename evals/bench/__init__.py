"""Speed, measured side by side with a limit."""
