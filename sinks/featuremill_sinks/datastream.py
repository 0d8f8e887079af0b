"""The sink for a PyFlink DataStream program.

    environment = StreamExecutionEnvironment.get_execution_environment()
    tables = StreamTableEnvironment.create(environment)
    options = SinkOptions({"host": "redis", "on-bad-row": "fail"})
    redis_sink(tables, rows, options, pipeline="carts", ttl=timedelta(days=7))
    environment.execute("carts")

Its jar is needed as for any connector: `environment.add_jars("file:///.../featuremill-redis-0.1.0.jar")`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from featuremill_sinks.ddl import SINK_COLUMNS
from featuremill_sinks.options import CONNECTOR, SinkOptions

ROW_COLUMNS = {"entity_key": "STRING", "event_time": "TIMESTAMP_LTZ(3)", "features": "MAP<STRING, STRING>"}


def redis_sink(
    table_environment: Any,
    rows: Any,
    options: SinkOptions,
    *,
    pipeline: str,
    ttl: timedelta | None = None,
    sequence: int = 0,
) -> None:
    """Write the rows to Redis as part of the DataStream program: it starts with the environment's `execute()`.

    `table_environment` is a `StreamTableEnvironment`. `rows` is a `DataStream` of rows named `entity_key` (a text),
    `event_time` (an `Instant`, to the millisecond) and `features` (a map of texts; a null removes the feature), or a
    `Table` of these columns. `ttl` is the time to live in Redis, None is forever. Of two rows with one key and event
    time the greater `sequence` wins, of equal ones the later.

    A row whose key or event time is null ends the job: filter such rows out before. Raises `ValueError` for a `ttl`
    below one millisecond or a negative `sequence`; Flink's own errors for other columns.
    """
    from pyflink.table import DataTypes, Schema, Table, TableDescriptor
    from pyflink.table.expressions import col, lit, null_of

    ttl_ms = None if ttl is None else ttl // timedelta(milliseconds=1)
    if ttl_ms is not None and ttl_ms < 1:
        raise ValueError("ttl must be at least 1 ms")
    if sequence < 0:
        raise ValueError("sequence must not be negative")

    if isinstance(rows, Table):
        table = rows
    else:
        columns = Schema.new_builder()
        for name, kind in ROW_COLUMNS.items():
            columns.column(name, kind)
        table = table_environment.from_data_stream(rows, columns.build())
    written = table.select(
        *(col(name) for name in ROW_COLUMNS),
        lit(pipeline),
        null_of(DataTypes.BIGINT()) if ttl_ms is None else lit(ttl_ms).cast(DataTypes.BIGINT()),
        lit(sequence).cast(DataTypes.BIGINT()),
    )

    columns = Schema.new_builder()
    for name, kind in SINK_COLUMNS.items():
        columns.column(name, kind)
    descriptor = TableDescriptor.for_connector(CONNECTOR).schema(columns.build())
    for name, text in options.texts.items():
        descriptor.option(name, text)
    statements = table_environment.create_statement_set()
    statements.add_insert(descriptor.build(), written)
    statements.attach_as_datastream()
