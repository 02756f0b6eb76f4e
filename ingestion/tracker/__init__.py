"""The script that web pages send events with; it is data that the API serves."""
