"""What the business knows: glossaries now, packs and passages with citations."""
