"""Short messages before anybody asks: when they are due, what they say, and how they reach their reader once."""
