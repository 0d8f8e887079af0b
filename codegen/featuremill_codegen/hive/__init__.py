"""HiveQL, the language of batch pipelines, as Spark understands it: statements, tables, types."""
