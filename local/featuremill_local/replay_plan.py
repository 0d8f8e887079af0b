"""What a replay reads and where it goes to: the addresses, the partitions, the offsets; and what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from confluent_kafka import KafkaException
from featuremill_codegen.dead_letters import TOPIC as DEAD_LETTER_TOPIC
from featuremill_codegen.pipeline import Pipeline
from featuremill_sinks.batch_ingestion import days
from featuremill_sinks.streaming_ingestion import TOPIC_PREFIX
from rich.console import Console
from rich.text import Text

from featuremill_local.cache import SetupError
from featuremill_local.display import counted
from featuremill_local.history import history_of, stream_of
from featuremill_local.partitions import KEPT, Partitions, days_there, partitions_of
from featuremill_local.places import PIPELINES
from featuremill_local.runs import HOLD, Description, find_run
from featuremill_local.topic_check import Rows
from featuremill_local.topics import offsets

KAFKA_SECONDS = 10.0
MOST_DAYS_NAMED = 10


@dataclass(frozen=True)
class Options:
    """What to load again, from where, and to where.

    Days, both included, are those of partitions, or of a topic's rows by event time, in UTC; None: from the first, to
    the last. `run` is the name of a run that is held up, without one the newest, of this pipeline if there is one;
    `redis` and `kafka` are `HOST:PORT`, without them those of that run; `sink_options` are `name=value`.
    `feature_source` holds the partitions; `report` is a file that what became of every row is written to, as JSON.
    `plan_only` reads and writes no row.
    """

    first: date | None = None
    last: date | None = None
    run: str | None = None
    redis: str | None = None
    kafka: str | None = None
    sink_options: Sequence[tuple[str, str]] = ()
    feature_source: Path | None = None
    without_history: bool = False
    report: Path | None = None
    plan_only: bool = False
    pipelines: Path = PIPELINES


@dataclass(frozen=True)
class Addresses:
    """Where rows go to, and where topics lie; `run` is the run that is held up, as far as it is of use."""

    redis: str
    kafka: str | None
    run: Description | None


class NoSuchDays(SetupError):
    """There are partitions, but none of the days that are asked for."""


def find_addresses(pipeline: Pipeline, options: Options) -> Addresses:
    """The addresses that are given, and for the others those of the run that is held up. Raises `SetupError`.

    A batch that goes to a Redis that is named has the Kafka that is named, or none: dead letters of one platform are
    not another's.
    """
    needs_run = options.redis is None or (options.kafka is None and pipeline.mode == "stream")
    run = find_run(options.run, pipeline.name)
    if needs_run and run is None:
        missing = "--redis HOST:PORT" if options.redis is None else "--kafka HOST:PORT"
        raise SetupError(f"no run is held up, so there is nothing to load\nhelp: {HOLD}; -- {missing} names another")
    redis = options.redis or (run.redis if run is not None else "")
    kafka = options.kafka or (run.kafka if needs_run and run is not None else "") or None
    if kafka is not None and not _offsets(kafka, DEAD_LETTER_TOPIC):
        raise SetupError(
            f"Kafka at {kafka} has no topic {DEAD_LETTER_TOPIC}: a row that can't be written must go there"
        )
    return Addresses(redis, kafka, run)


def find_sources(
    pipeline: Pipeline, options: Options, addresses: Addresses, console: Console
) -> list[Partitions | Rows]:
    """What is to be loaded, in this order: a history first, so that what is newer comes last. Raises `SetupError`."""
    if pipeline.mode == "batch":
        return [_partitions(pipeline, stream_of(pipeline), options, addresses, console)]
    rows = _rows(pipeline, options, str(addresses.kafka))
    history = None if options.without_history else history_of(pipeline)
    if history is None:
        return [rows]
    try:
        return [_partitions(history, pipeline, options, addresses, console), rows]
    except NoSuchDays:  # the days that are asked for are the stream's alone
        console.print(Text(f"the history {history.name} has none of these days: left out", "yellow"))
        return [rows]


def _partitions(
    batch: Pipeline, stream: Pipeline | None, options: Options, addresses: Addresses, console: Console
) -> Partitions:
    """The batch's partitions that are there of the days that are asked for. Raises `SetupError` where there is none."""
    feature_source = _feature_source(batch.name, options, addresses.run)
    there = days_there(feature_source, batch.name)
    if not there:
        mend = f"nox -s local-{batch.name} -- --from DAY --to DAY writes some, -- --feature-source DIR names others"
        if stream is not None:
            mend += "; -- --without-history leaves them out"
        raise SetupError(f"there is no partition in {feature_source / batch.name}\nhelp: {mend}")
    first, last = options.first or there[0], options.last or there[-1]
    chosen = [day for day in there if first <= day <= last]
    if not chosen:
        asked = f"dt={first}" if first == last else f"of the days {first} to {last}"
        raise NoSuchDays(
            f"there is no partition {asked} in {feature_source / batch.name}\nhelp: there are {_named(there)}"
        )
    missing = sorted(set(days(first, last)) - set(chosen))
    if missing:
        console.print(Text(f"no partition of {_named(missing)}: left out", "yellow"))
    return partitions_of(batch, stream, feature_source, chosen)


def _feature_source(batch: str, options: Options, run: Description | None) -> Path:
    """The folder that is given, else that of the run that is held up if it has partitions of this batch."""
    if options.feature_source is not None:
        return options.feature_source
    if run is not None and run.feature_source and days_there(Path(run.feature_source), batch):
        return Path(run.feature_source)
    return KEPT


def _rows(pipeline: Pipeline, options: Options, kafka: str) -> Rows:
    """The rows of the pipeline's topic that it has now. Raises `SetupError` where there is none."""
    topic = f"{TOPIC_PREFIX}{pipeline.name}"
    found = _offsets(kafka, topic)
    if not found:
        raise SetupError(
            f"Kafka at {kafka} has no topic {topic}\n"
            f"help: nox -s local-{pipeline.name} -- --keep holds a run up that has it; -- --kafka HOST:PORT is another"
        )
    first = _midnight(options.first) if options.first is not None else None
    before = _midnight(options.last + timedelta(1)) if options.last is not None else None
    return Rows(topic, found, first, before)


def _offsets(kafka: str, topic: str) -> dict[int, tuple[int, int]]:
    try:
        return offsets(kafka, topic, KAFKA_SECONDS)
    except KafkaException as error:
        raise SetupError(f"Kafka at {kafka} does not answer: {error.args[0].str()}") from None


def described(source: Partitions | Rows) -> str:
    """`carrier_daily_quality dt=2013-06-01`, `carrier_daily_quality dt=2013-05-30 to 2013-06-01`, `features.views`."""
    if isinstance(source, Rows):
        return source.topic
    first, last = source.days[0], source.days[-1]
    when = f"dt={first}" if first == last else f"dt={first} to {last}"
    return f"{source.pipeline} {when}"


def planned(source: Partitions | Rows) -> str:
    """What would be read of it, in words."""
    if isinstance(source, Rows):
        places = (f"partition {each} offsets {first} to {end}" for each, (first, end) in sorted(source.offsets.items()))
        times = [f"from {source.first}"] if source.first is not None else []
        times += [f"before {source.before}"] if source.before is not None else []
        only = f"; of these the rows with an event time {' and '.join(times)}" if times else ""
        return f"{counted(source.count(), 'row')}, {', '.join(places)}{only}"
    said = source.rows()
    rows = counted(said, "row") if said is not None else "rows that nobody has counted"
    where = f" in {source.feature_source}"
    as_of = f", written as {source.written_as}" if source.written_as != source.pipeline else ""
    return f"{rows} of {counted(len(source.days), 'partition')}{where}{as_of}"


def _named(days: Sequence[date]) -> str:
    """`2013-05-30, 2013-05-31`; of many the first few and the last."""
    named = [str(day) for day in days[:MOST_DAYS_NAMED]]
    if len(days) > MOST_DAYS_NAMED:
        return f"{', '.join(named)} and {len(days) - MOST_DAYS_NAMED:,} more up to {days[-1]}"
    return ", ".join(named)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
