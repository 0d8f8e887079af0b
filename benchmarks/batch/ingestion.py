"""Parquet to Redis: the bounded ingestion job, measured as the sinks' benchmark measures the sink, beside its limit."""

from __future__ import annotations

from featuremill_local.way import BATCH_INGESTION

from benchmarks.program import CORES
from benchmarks.sinks.cluster import Cluster
from benchmarks.sinks.data import DAY, Part
from benchmarks.sinks.measure import Measurement, check_rows, measure, measure_job
from benchmarks.sinks.results import find
from benchmarks.sinks.rows import PIPELINE, TTL_MS
from benchmarks.sinks.variants import Variant, Way

OURS = find(Way.GUARDED, CORES)
VARIANTS = (find(Way.LIMIT_GUARDED), find(Way.BLACKHOLE, CORES), OURS)
"""In the order in which a round runs them."""


def measure_variant(cluster: Cluster, variant: Variant, part: Part) -> Measurement:
    """Write the rows to an empty Redis. Raises `PartError`, or `WrongRowsError` if they aren't all there afterwards."""
    return measure_ingestion(cluster, part) if variant is OURS else measure(cluster, variant, part)


def measure_ingestion(cluster: Cluster, part: Part) -> Measurement:
    """The same by the job that loads a partition in production. Its parallelism is the cluster's."""
    client = cluster.redis.client()
    client.flushall()
    arguments = ["--feature-source", str(part.folder), "--pipeline", PIPELINE, "--date", DAY]
    arguments += ["--redis", f"127.0.0.1:{cluster.redis.port}", "--ttl", f"{TTL_MS} ms"]
    arguments += ["--bootstrap-servers", cluster.embedded.kafka_address]

    def submit() -> str:
        return cluster.embedded.submit(BATCH_INGESTION, arguments, cluster.jars_variable())

    measured, _ = measure_job(cluster, part.rows, submit)
    check_rows(client, part)
    return measured
