"""Finding what is odd: what was to be expected, how far off is too far, and where one episode begins and ends."""
