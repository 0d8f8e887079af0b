"""Ingestion: from the feature source to Redis."""
