"""Golden cases: rows in, feature rows out, on a real Flink."""
