"""Shows the dead letters of a run that is held up, or of any Kafka."""

from __future__ import annotations

from confluent_kafka import KafkaException
from rich.console import Console

from featuremill_local.cache import SetupError
from featuremill_local.display import print_dead_letters
from featuremill_local.runs import HOLD, find_run
from featuremill_local.topics import dead_letters


def show(run: str | None, bootstrap_servers: str | None, most: int, console: Console) -> int:
    """Print the newest dead letters of a run, or of a Kafka; exit code 0.

    Raises `SetupError` where there is no Kafka to ask.
    """
    if bootstrap_servers is None:
        found = find_run(run)
        if found is None:
            raise SetupError(
                "no run is held up, so there is no Kafka to ask\n"
                f"help: {HOLD}; -- --bootstrap-servers names another Kafka"
            )
        bootstrap_servers = found.kafka
    try:
        letters = dead_letters(bootstrap_servers)
    except KafkaException as error:
        raise SetupError(f"Kafka at {bootstrap_servers} does not answer: {error.args[0].str()}") from None
    if not letters:
        console.print("no dead letters")
    print_dead_letters(console, letters, most)
    return 0
