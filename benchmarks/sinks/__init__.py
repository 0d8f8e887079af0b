"""`nox -s bench-sinks`: the Redis sink beside other ways to write the same rows, in one run."""
