"""Funnels: who goes from one step to the next, how long it takes, and where people drop out."""
