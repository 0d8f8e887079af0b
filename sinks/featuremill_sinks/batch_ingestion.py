"""The batch ingestion job: partitions of the batch feature source -> Redis, through the sink `featuremill-redis`.

A plain PyFlink program: `flink run -pyfs sinks -pym featuremill_sinks.batch_ingestion --feature-source
hdfs:///feature_source --pipeline carrier_daily_quality --date 2013-01-01 --redis ... --bootstrap-servers ...`. It reads
`<feature source>/<pipeline>/dt=<date>/*.parquet`, with `--to` those of all days up to that one, with several `--date`
those, and ends. Run again it changes nothing, since the sink's guard compares event times. It runs in Flink's streaming
mode, which has the checkpoints that the batch writer's state needs. With `--written-as` the rows are the
past of a stream: they are written under its name, so that the guard compares them with the stream's own. With `--wait`
the program ends when the job has, as a scheduler wants it.

Rows that can't be written go to the dead-letter topic, and so do the dead letters that the pipeline's query left in
`<feature source>/<pipeline>/_dead_letters/dt=<date>/*.json`. Without Kafka, `--on-bad-row fail` refuses the whole
partition before anything is written, which reads it twice.

Redis' password, where there is one, comes from the environment variable FEATUREMILL_REDIS_PASSWORD; the connector jars
(with flink-sql-parquet and Hadoop's client) from FEATUREMILL_JARS, separated as in PATH, else from the cluster's `lib`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from featuremill_sinks.ddl import DEAD_LETTERS, REASON, REJECT, dead_letters_table, redis_table
from featuremill_sinks.option_values import Duration
from featuremill_sinks.options import SinkOptions, quoted, with_options
from featuremill_sinks.program import Parser, dead_letter_options, execute, refuse, run, table_environment

PIPELINE = re.compile("[a-z][a-z0-9_]{0,62}")
CHECKPOINT_INTERVAL = "execution.checkpointing.interval"
DEFAULT_CHECKPOINT_INTERVAL = "30 s"

# Nullable as in the streaming job: what a column forbids would end the job instead of being split off.
PARTITION = """
CREATE TABLE feature_partition (
  entity_key STRING,
  event_time TIMESTAMP_LTZ(3),
  features MAP<STRING, STRING>,
  dt STRING,
  file STRING NOT NULL METADATA FROM 'file.path' VIRTUAL
) PARTITIONED BY (dt) WITH ({options})
"""

JUDGED = """
CREATE TEMPORARY VIEW judged AS
SELECT *, {pipeline} AS pipeline, {written_as} AS written_as, {reason} END AS reason
FROM feature_partition
WHERE {days}
"""

WRITE = """
INSERT INTO redis
SELECT entity_key, event_time, features, written_as, CAST({ttl_ms} AS BIGINT), CAST(0 AS BIGINT)
FROM judged
WHERE reason IS NULL
"""

# What the pipeline's query left: rows without a key or event time, as JSON in the form of the topic's messages.
QUERY_LETTERS = DEAD_LETTERS.replace("dead_letters", "query_letters").replace(
    "`at` TIMESTAMP_LTZ(3)\n)", "`at` TIMESTAMP_LTZ(3),\n  dt STRING\n) PARTITIONED BY (dt)"
)

FORWARD = """
INSERT INTO dead_letters
SELECT pipeline, stage, reason, message, origin, value_base64, `at` FROM query_letters WHERE {days}
"""

BAD_ROWS = "SELECT reason, COUNT(*) FROM judged WHERE reason IS NOT NULL GROUP BY reason"

OTHER_MESSAGE = "reason"
ORIGIN = "file, CAST(NULL AS STRING), CAST(NULL AS INT), CAST(NULL AS BIGINT)"


def pipeline_path(feature_source: str, pipeline: str) -> str:
    """The folder of a pipeline's partitions."""
    return f"{feature_source.rstrip('/')}/{pipeline}"


def partition_path(feature_source: str, pipeline: str, day: date) -> str:
    """The folder of one partition."""
    return f"{pipeline_path(feature_source, pipeline)}/dt={day.isoformat()}"


def partition_options(path: str) -> dict[str, str]:
    """Options of the table that reads partitions: bounded, timestamps in UTC whatever the machine's time zone."""
    return {"connector": "filesystem", "path": path, "format": "parquet", "parquet.utc-timezone": "true"}


def days(first: date, last: date) -> list[date]:
    """The days from one to the other, both included."""
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def among(chosen: Sequence[date]) -> str:
    """A condition in SQL: the partition is one of these days. So no other is read."""
    return f"dt IN ({', '.join(quoted(day.isoformat()) for day in chosen)})"


def parse_arguments(arguments: list[str]) -> tuple[argparse.Namespace, SinkOptions]:
    """The command line and the sink's options. A mistake ends the program, exit code 2, and is named."""
    parser = Parser("Writes partitions of the batch feature source to Redis.")
    add_partitions(parser)
    parser.add_argument(
        "--ttl", type=_ttl, metavar="DURATION", help="the pipeline's time to live, 7 d for example (default: forever)"
    )
    parser.add_argument("--bootstrap-servers", metavar="HOST:PORT", help="the Kafka that has the dead-letter topic")
    parser.add_argument(
        "--on-bad-row",
        choices=("dead-letter", "fail"),
        default="dead-letter",
        help="'fail' refuses a partition with a bad row before anything is written; it needs no Kafka, and reads twice"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--wait", action="store_true", help="end with the job, and with exit code 1 where it failed: for schedulers"
    )
    parser.add_argument("--name", help="the job's name (default: made of the pipeline and the date)")
    given = parser.parse_all(arguments)
    if given.on_bad_row == "dead-letter" and given.bootstrap_servers is None:
        parser.error("bad rows go to the dead-letter topic: give --bootstrap-servers HOST:PORT, or --on-bad-row fail")
    choose_days(parser, given)
    for name, _ in given.sink_option:
        if name in ("writer", "on-bad-row"):
            parser.error(f"--sink-option {name}: this job always has the batch writer, and takes --on-bad-row")
    own = {"writer": "batch", "on-bad-row": given.on_bad_row}
    if given.on_bad_row == "dead-letter":
        own |= dead_letter_options(given.bootstrap_servers)
    first, last = given.days[0], given.days[-1]
    several = "" if first == last else f"-to-{last}"
    given.name = given.name or f"featuremill-batch-ingestion-{given.pipeline}-{first}{several}"
    return given, parser.sink_options(given, own)


def add_partitions(parser: Parser) -> None:
    """The arguments that say which partitions are meant, and under which name they are written."""
    parser.add_argument(
        "--feature-source",
        required=True,
        type=folder_argument,
        metavar="URI",
        help="the folder of all pipelines: an absolute path or a URI that the cluster can read",
    )
    parser.add_argument(
        "--pipeline", required=True, type=pipeline_argument, metavar="NAME", help="whose partitions they are"
    )
    parser.add_argument(
        "--date",
        required=True,
        action="append",
        type=date_argument,
        metavar="YYYY-MM-DD",
        help="the partition's dt; may be repeated",
    )
    parser.add_argument(
        "--to", type=date_argument, metavar="YYYY-MM-DD", help="the last of several days; --date is the first"
    )
    parser.add_argument(
        "--written-as",
        type=pipeline_argument,
        metavar="NAME",
        help="the stream whose past these rows are (default: the pipeline itself)",
    )


def choose_days(parser: Parser, given: argparse.Namespace) -> None:
    """Put the days that are meant into `given.days`, in order, and the name to write under into `given.written_as`.

    A mistake ends the program with exit code 2.
    """
    given.days = sorted(set(given.date))
    if given.to is not None:
        if len(given.date) > 1:
            parser.error("--to goes with one --date, the first of the days")
        if given.to < given.days[0]:
            parser.error(f"--to {given.to} is before --date {given.days[0]}")
        given.days = days(given.days[0], given.to)
    given.written_as = given.written_as or given.pipeline


def folder_argument(text: str) -> str:
    """An argument that is an absolute path or a URI. Raises `ArgumentTypeError`, as the others do."""
    if not re.match("/|[a-z][a-z0-9+.-]*:/", text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither an absolute path nor a URI")
    return text


def pipeline_argument(text: str) -> str:
    """An argument that is a pipeline's name."""
    if not PIPELINE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a pipeline's name: {PIPELINE.pattern} is")
    return text


def date_argument(text: str) -> date:
    """An argument YYYY-MM-DD."""
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # a 30th of February
    raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2013-06-01")


def _ttl(text: str) -> int:
    """Milliseconds. It may be longer than an option's duration."""
    try:
        ttl = Duration(largest_ms=2**53 - 1).parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}, not {text!r}") from None
    return ttl // timedelta(milliseconds=1)


def files_in(path: str) -> list[str] | None:
    """The names of the files in a folder, None where it isn't there; Flink's file systems are asked.

    Ends the program, exit code 1, if they can't answer.
    """
    from py4j.protocol import Py4JJavaError
    from pyflink.java_gateway import get_gateway

    folder = get_gateway().jvm.org.apache.flink.core.fs.Path(path)
    try:
        files = folder.getFileSystem()
        found = list(files.listStatus(folder)) if files.exists(folder) else None
    except Py4JJavaError as error:
        refuse(f"the partition {path} can't be read: {error.java_exception.getMessage()}")
    return None if found is None else [status.getPath().getName() for status in found]


def check_files(path: str) -> None:
    """End the program, exit code 1, if the partition isn't there or holds no file."""
    found = files_in(path)
    if found is None:
        refuse(f"there is no partition {path}")
    if not any(map(_is_data, found)):
        refuse(f"the partition {path} holds no file")


def _is_data(name: str) -> bool:
    return not name.startswith(("_", "."))


def prepare(
    environment: Any, feature_source: str, pipeline: str, chosen: Sequence[date], written_as: str | None = None
) -> None:
    """The partitions of these days as a table, and the view of it that says what is wrong with each row."""
    options = partition_options(pipeline_path(feature_source, pipeline))
    environment.execute_sql(PARTITION.format(options=with_options(options)))
    names = {"pipeline": quoted(pipeline), "written_as": quoted(written_as or pipeline)}
    environment.execute_sql(JUDGED.format(**names, reason=REASON, days=among(chosen)))


def forward_query_letters(environment: Any, given: argparse.Namespace) -> list[str]:
    """The insert of the dead letters that the query left on these days; none where it left none."""
    path = f"{pipeline_path(given.feature_source, given.pipeline)}/_dead_letters"
    found = [day for day in given.days if any(map(_is_data, files_in(f"{path}/dt={day}") or ()))]
    if not found:
        return []
    options = {"connector": "filesystem", "path": path, "format": "json", "json.timestamp-format.standard": "ISO-8601"}
    environment.execute_sql(QUERY_LETTERS.format(options=with_options(options)))
    return [FORWARD.format(days=among(found))]


def check_rows(given: argparse.Namespace) -> None:
    """Read the partitions, and end the program, exit code 1, if one of their rows can't be written."""
    environment = table_environment(f"{given.name}-check", streaming=False)
    prepare(environment, given.feature_source, given.pipeline, given.days)
    with environment.execute_sql(BAD_ROWS).collect() as results:
        counts = sorted((str(row[0]), int(row[1])) for row in results)
    if counts:
        said = ", ".join(f"{reason} {count}" for reason, count in counts)
        total = sum(count for _, count in counts)
        rows = "1 row" if total == 1 else f"{total} rows"
        path = partition_path(given.feature_source, given.pipeline, given.days[0])
        path += "" if len(given.days) == 1 else f" to dt={given.days[-1]}"
        refuse(f"{rows} of {path} can't be written ({said}), so nothing was; --on-bad-row dead-letter splits them off")


def main(arguments: list[str]) -> None:
    """Submit the job; prints `job <id>`. It ends by itself, with `--wait` before this does."""
    given, sink = parse_arguments(arguments)
    for day in given.days:
        check_files(partition_path(given.feature_source, given.pipeline, day))
    if given.on_bad_row == "fail":
        check_rows(given)
    environment = table_environment(given.name)
    if not environment.get_config().get(CHECKPOINT_INTERVAL, ""):
        environment.get_config().set(CHECKPOINT_INTERVAL, DEFAULT_CHECKPOINT_INTERVAL)
    prepare(environment, given.feature_source, given.pipeline, given.days, given.written_as)
    environment.execute_sql(redis_table(sink))
    inserts = [WRITE.format(ttl_ms="NULL" if given.ttl is None else given.ttl)]
    if given.on_bad_row == "dead-letter":
        environment.execute_sql(dead_letters_table(given.bootstrap_servers))
        inserts.append(REJECT.format(other_message=OTHER_MESSAGE, origin=ORIGIN))
        inserts += forward_query_letters(environment, given)
    execute(environment, inserts, wait=given.wait)


if __name__ == "__main__":
    run(main, sys.argv[1:])
