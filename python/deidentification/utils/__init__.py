"""CATI's package ``utils``."""
