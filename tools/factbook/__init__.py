"""The closed set of things a tool may find, so that every door can tell, rank and recognise a finding."""
