"""What a customer is worth: who comes back how often (BG/NBD) for how much (Gamma-Gamma), checked on the last third."""
