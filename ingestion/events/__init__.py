"""Events as they happen: checked, on disk before they are acknowledged, and rows of the lake a moment later."""
