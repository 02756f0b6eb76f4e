"""Places that are copied again and again: databases, document stores, and files wherever they lie."""
