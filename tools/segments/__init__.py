"""Groups of customers, saved by name if wanted: by recency, frequency and money with names everybody knows, or as the data themselves fall."""
