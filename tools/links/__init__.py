"""Links between figures: what moves together once trend and season are gone, and how sure that is."""
