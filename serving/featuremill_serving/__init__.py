"""Answers models: reads the features of an entity from Redis and gives them out over gRPC."""

__version__ = "0.1.0"
