"""MetricQuery to SQL through sqlglot, with lineage."""
