"""Flink settings that a pipeline may set in `flink:`; all others belong to the platform.

Not among them is `python.execution-mode`: the operator of its `thread` forgets whether a row adds or takes back, so
what is counted behind a Python function over an updating input comes out wrong (seen in Flink 2.3).
"""

from __future__ import annotations

_ALLOWED = frozenset(
    {
        "parallelism",
        "execution.checkpointing.interval",
        "execution.checkpointing.timeout",
        "execution.checkpointing.min-pause",
        "pipeline.max-parallelism",
        "pipeline.object-reuse",
        "pipeline.operator-chaining.enabled",
        "python.fn-execution.arrow.batch.size",
        "python.fn-execution.bundle.size",
        "python.fn-execution.bundle.time",
        "table.exec.async-lookup.buffer-capacity",
        "table.exec.async-lookup.timeout",
        "table.exec.deduplicate.mini-batch.compact-changes-enabled",
        "table.exec.mini-batch.allow-latency",
        "table.exec.mini-batch.enabled",
        "table.exec.mini-batch.size",
        "table.exec.rank.topn-cache-size",
        "table.exec.source.idle-timeout",
        "table.exec.state.ttl",
        "table.exec.window-agg.buffer-size-limit",
        "table.optimizer.agg-phase-strategy",
        "table.optimizer.distinct-agg.split.bucket-num",
        "table.optimizer.distinct-agg.split.enabled",
        "table.optimizer.incremental-agg-enabled",
        "table.optimizer.join-reorder-enabled",
        "table.optimizer.multi-join.enabled",
        "table.optimizer.reuse-source-enabled",
        "table.optimizer.reuse-sub-plan-enabled",
    }
)
_FLINK_NAMES = {"parallelism": "parallelism.default"}


def allowed_settings() -> frozenset[str]:
    """The keys that `flink:` may hold."""
    return _ALLOWED


def flink_settings(settings: dict[str, str]) -> dict[str, str]:
    """The settings under Flink's own names, sorted.

    >>> flink_settings({"parallelism": "2"})
    {'parallelism.default': '2'}
    """
    return {_FLINK_NAMES.get(key, key): settings[key] for key in sorted(settings)}
