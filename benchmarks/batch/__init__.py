"""`nox -s bench-batch`: what batches cost, from Parquet to Redis, from HiveQL to Parquet, and a day as a whole."""
