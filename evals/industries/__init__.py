"""Whether Plainsay answers the plain questions of five industries right, and finds what is hidden in their demos."""
