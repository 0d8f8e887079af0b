"""The command lines that a scheduler runs for one day of a batch, the same ones whichever scheduler it is.

They are shell scripts that are right on every machine: where things are, and how Spark is started there, comes from
environment variables of the machine that runs them, `VARIABLES`. A variable that is not set ends the script with its
name. No braces: in both schedulers they mean something else.
"""

from __future__ import annotations

from dataclasses import dataclass

VARIABLES = {
    "FEATUREMILL_HOME": "a folder with dist/ (the packages) and sinks/ (the ingestion job), such as a clone of the"
    " repository",
    "FEATUREMILL_FEATURE_SOURCE": "the folder of all pipelines' partitions: hdfs:///feature_source",
    "FEATUREMILL_SPARK_SUBMIT": "what starts run.py on Spark: spark-submit --master yarn",
    "FEATUREMILL_PYFLINK": "a Python with PyFlink; FLINK_CONF_DIR says which cluster it submits to",
    "FEATUREMILL_REDIS_OPTIONS": "arguments of the ingestion job: --redis redis:6379",
    "FEATUREMILL_DEAD_LETTER_OPTIONS": "arguments of the ingestion job: --bootstrap-servers kafka:9092",
}
"""The environment variables that the scripts take, and what each is for. Those of the last four are words."""


@dataclass(frozen=True)
class CommandLines:
    """A day's steps, each of which can be run again by itself: the same day gives the same rows, and the same Redis.

    `day` is how the scheduler writes the day in a script. `ttl_ms` None never expires. `written_as` is the stream whose
    past the pipeline fills, if it does.
    """

    pipeline: str
    version: str
    ttl_ms: int | None
    day: str
    written_as: str | None = None

    def compute(self) -> str:
        """The Spark job, which writes the day's partition of the feature source, whole or not at all."""
        package = f"{self.pipeline}-{self.version}"
        return self._script(
            [
                f'$FEATUREMILL_SPARK_SUBMIT "$FEATUREMILL_HOME/dist/{package}/run.py"',
                '--dt "$dt" --feature-source "$FEATUREMILL_FEATURE_SOURCE"',
            ]
        )

    def ingest(self) -> str:
        """The Flink job, which writes the partition to Redis, and then the count of what became of every row."""
        partition = _partition_of(self.pipeline)
        partition += "" if self.written_as is None else f" --written-as {self.written_as}"
        ttl = "" if self.ttl_ms is None else f' --ttl "{self.ttl_ms} ms"'
        options = "$FEATUREMILL_REDIS_OPTIONS $FEATUREMILL_DEAD_LETTER_OPTIONS"
        return self._script(
            [_python("batch_ingestion"), partition, f"--wait{ttl} {options}"],
            [_python("verification"), partition, "$FEATUREMILL_REDIS_OPTIONS"],
            imports=True,
        )

    def is_there(self, upstream: str) -> str:
        """Whether another pipeline's partition of the day is there: exit code 0, or `NOT_THERE`."""
        return self._script([_python("partition"), _partition_of(upstream)], imports=True)

    def _script(self, *commands: list[str], imports: bool = False) -> str:
        lines = ["set -eu", f"dt={self.day}"]
        lines += ['export PYTHONPATH="$FEATUREMILL_HOME/sinks"'] if imports else []
        return "\n".join([*lines, *(" \\\n  ".join(parts) for parts in commands)]) + "\n"


NOT_THERE = 3
"""The exit code of `featuremill_sinks.partition` where there is no partition, or none yet."""


def _python(module: str) -> str:
    return f"$FEATUREMILL_PYFLINK -m featuremill_sinks.{module}"


def _partition_of(pipeline: str) -> str:
    return f'--feature-source "$FEATUREMILL_FEATURE_SOURCE" --pipeline {pipeline} --date "$dt"'
