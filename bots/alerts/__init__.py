"""Messages because something happened: what is watched, when it counts, and who is told, once and with the reason."""
