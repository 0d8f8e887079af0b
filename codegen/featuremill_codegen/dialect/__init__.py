"""The Flink SQL dialect for sqlglot, one file a concern.

Importing this package registers the dialect under the name `flink`:

    >>> import sqlglot
    >>> from featuremill_codegen.dialect import Flink
    >>> sqlglot.parse_one("SELECT CAST(a AS TIMESTAMP_LTZ(3)) FROM t", dialect=Flink).sql(dialect="flink")
    'SELECT CAST(a AS TIMESTAMP_LTZ(3)) FROM t'
"""

from featuremill_codegen.dialect.purity import refuse_compiled_sqlglot

refuse_compiled_sqlglot()

from featuremill_codegen.dialect.flink import Flink  # noqa: E402  (must come after the check above)

__all__ = ["Flink"]
