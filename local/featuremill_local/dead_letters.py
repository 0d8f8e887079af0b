"""Shows the dead letters of a run that is held up, or of any Kafka."""

from __future__ import annotations

from confluent_kafka import KafkaException
from rich.console import Console

from featuremill_local.cache import SetupError
from featuremill_local.display import print_dead_letters
from featuremill_local.runs import running
from featuremill_local.topics import dead_letters


def show(bootstrap_servers: str | None, most: int, console: Console) -> int:
    """Print the newest dead letters; exit code 0. Raises `SetupError` where there is no Kafka to ask."""
    if bootstrap_servers is None:
        kept = [run for run in running() if run.kafka]
        if not kept:
            raise SetupError(
                "no run is held up, so there is no Kafka to ask\n"
                "help: nox -s local-<pipeline> -- --keep holds one up; -- --bootstrap-servers names another Kafka"
            )
        bootstrap_servers = kept[-1].kafka
    try:
        letters = dead_letters(bootstrap_servers)
    except KafkaException as error:
        raise SetupError(f"Kafka at {bootstrap_servers} does not answer: {error.args[0].str()}") from None
    if not letters:
        console.print("no dead letters")
    print_dead_letters(console, letters, most)
    return 0
