"""From a table's 'connector' and 'format' to the jars they live in, as Maven coordinates."""

from __future__ import annotations

from featuremill_codegen.tables import SourceTable

KAFKA = "org.apache.flink:flink-sql-connector-kafka:5.0.0-2.2"
_FLINK = "2.3.0"

CONNECTORS: dict[str, tuple[str, ...]] = {
    "kafka": (KAFKA,),
    "upsert-kafka": (KAFKA,),
    "blackhole": (),
    "datagen": (),
    "filesystem": (),
    "print": (),
}
"""Known connectors. Those of Flink itself need no jar."""

FORMATS: dict[str, tuple[str, ...]] = {
    "json": (),
    "csv": (),
    "raw": (),
    "canal-json": (),
    "debezium-json": (),
    "maxwell-json": (),
    "ogg-json": (),
    "avro": (f"org.apache.flink:flink-sql-avro:{_FLINK}",),
    "avro-confluent": (f"org.apache.flink:flink-sql-avro-confluent-registry:{_FLINK}",),
    "debezium-avro-confluent": (f"org.apache.flink:flink-sql-avro-confluent-registry:{_FLINK}",),
    "protobuf": (f"org.apache.flink:flink-sql-protobuf:{_FLINK}",),
    "parquet": (
        f"org.apache.flink:flink-sql-parquet:{_FLINK}",
        "org.apache.hadoop:hadoop-client-api:3.4.2",
        "org.apache.hadoop:hadoop-client-runtime:3.4.2",
    ),
    "orc": (f"org.apache.flink:flink-sql-orc:{_FLINK}",),
}
"""Known formats. Those that flink-dist carries need no jar."""

FORMAT_OPTIONS = ("format", "value.format", "key.format")


def jars(tables: tuple[SourceTable, ...]) -> list[str]:
    """The coordinates that these tables need, and the feature source's own, sorted."""
    found = {KAFKA}
    for table in tables:
        found.update(CONNECTORS.get(table.connector, ()))
        for key in FORMAT_OPTIONS:
            found.update(FORMATS.get(table.option(key), ()))
    return sorted(found)
