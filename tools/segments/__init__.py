"""Groups of customers: by recency, frequency and money, or as the data fall; each can become a word to ask with."""
