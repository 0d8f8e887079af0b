"""The formatter: one style for the SQL of pipelines. It works on tokens, so that no comment and no spelling is lost.

    lexemes → comments (each with its token) → keywords → blocks → layout (queries, definitions, expressions) → document

and `guard` compares what came out with what went in.
"""

from featuremill_codegen.formatter.engines import Engine, FlinkSql, HiveQl, engine_of
from featuremill_codegen.formatter.formatting import format_source

__all__ = ["Engine", "FlinkSql", "HiveQl", "engine_of", "format_source"]
