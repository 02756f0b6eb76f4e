"""Routes by resource; each module holds a router and nothing else decides what a person may do."""
