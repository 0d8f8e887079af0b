"""`nox -s check`: the word of Flink's own parser and planner on every pipeline, from one JVM that runs no job."""
