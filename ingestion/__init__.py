"""How data gets in: files are read in limited worker processes and loaded into the lake."""
