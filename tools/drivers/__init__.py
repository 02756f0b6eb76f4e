"""Why a figure moved: what each part contributed, which parts stand out, and how usual such a move is."""
