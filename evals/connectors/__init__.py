"""Suites that prove the connectors: against vendors' specifications, independent servers, faults and kills."""
