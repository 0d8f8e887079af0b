"""`nox -s replay-<pipeline>`: loads Redis again from the feature source, and says what became of every row.

Rows keep the place in time that they had when they were written first, so that the sink's guard never lets one of them
take the place of something newer: a replay may run beside the jobs that always run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import redis as redis_client
from featuremill_codegen.pipeline import load_pipeline
from featuremill_sinks.options import OptionError, SinkOptions
from featuremill_sinks.program import all_options
from featuremill_sinks.verification import connect
from rich.console import Console
from rich.text import Text

from featuremill_local.cache import SetupError
from featuremill_local.display import counted, load_table
from featuremill_local.embedded import Embedded
from featuremill_local.ingestion_check import print_check
from featuremill_local.partitions import rows_said
from featuremill_local.progress import Progress
from featuremill_local.registry import REGISTRY_KEY
from featuremill_local.replay_plan import Addresses, Options, described, find_addresses, find_sources, planned
from featuremill_local.replay_way import Loaded, ReplayWay
from featuremill_local.runs import new_run
from featuremill_local.topic_check import Rows
from featuremill_local.way import Target


def replay(name: str, options: Options, console: Console) -> int:
    """Load Redis again and say what became of every row; exit code 0 where all are accounted for, else 1.

    Raises `SetupError` for what isn't there, and what `ReplayWay` raises.
    """
    pipeline = load_pipeline(options.pipelines / name)
    addresses = find_addresses(pipeline, options)
    sources = find_sources(pipeline, options, addresses, console)
    if options.plan_only:
        for source in sources:
            console.print(Text(f"{described(source)}: {planned(source)}"))
        return 0
    client = _client(addresses.redis, options.sink_options)
    where = f"Redis at {addresses.redis}"
    if addresses.run is not None and addresses.run.redis == addresses.redis:
        where += f", of the run {addresses.run.run}"
    console.print(Text(f"{name}: from the feature source to {where}", "bold"))
    settings = [f"{option}={value}" for option, value in options.sink_options]
    target = Target(addresses.redis, addresses.kafka, settings)
    with new_run(f"replay-{name}") as run, Progress(console) as progress:
        loaded = ReplayWay(pipeline, target, client, Embedded(run), run, progress).go(sources)
    _report(loaded, console)
    _tell_of_registry(client, addresses, console)
    good = not any(each.check.problems for each in loaded)
    if options.report is not None:
        found = {"pipeline": name, "redis": addresses.redis, "verified": good, "loaded": list(map(as_json, loaded))}
        options.report.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if good else 1


def _client(address: str, sink_options: Sequence[tuple[str, str]]) -> Any:
    """A client of Redis that has answered. Raises `SetupError`."""
    options = all_options(address, {}, sink_options) | {"on-bad-row": "fail"}  # so that it needs no topic
    try:
        client = connect(SinkOptions(options))
        client.ping()
    except OptionError as error:
        raise SetupError(str(error)) from None
    except redis_client.RedisError as error:
        raise SetupError(f"Redis at {address} does not answer: {error}") from None
    return client


def _tell_of_registry(client: Any, addresses: Addresses, console: Console) -> None:
    """A Redis that was emptied has lost what readers know of the pipelines, too."""
    try:
        there = client.exists(REGISTRY_KEY)
    except redis_client.ResponseError:
        return  # this user may not look; then it is none of its business
    if not there:
        console.print(
            Text(f"readers know nothing of the pipelines: nox -s registry -- --redis {addresses.redis}", "yellow")
        )


def _report(loaded: Sequence[Loaded], console: Console) -> None:
    console.print()
    console.print(load_table([(described(each.source), each.check.report) for each in loaded]))
    for each in loaded:
        print_check(console, "", each.check)
        if each.check.report.get("left_out"):
            console.print(Text(f"{counted(each.check.report['left_out'], 'row')} of other days left out", "dim"))


def as_json(loaded: Loaded) -> dict[str, Any]:
    """What became of the rows of one part of the feature source, for tools."""
    source = loaded.source
    where: Mapping[str, Any]
    if isinstance(source, Rows):
        where = {"topic": source.topic, "offsets": {str(each): ends for each, ends in sorted(source.offsets.items())}}
    else:
        days = {str(day): rows_said(source.feature_source, source.pipeline, day) for day in source.days}
        where = {"partitions_of": source.pipeline, "partitions": days, "written_as": source.written_as}
    return {**where, **loaded.check.report, "problems": list(loaded.check.problems)}
