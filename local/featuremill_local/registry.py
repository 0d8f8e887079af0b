"""Prints the registry of all pipelines, or writes it where serving reads it."""

from __future__ import annotations

import json
from pathlib import Path

import redis
from featuremill_codegen.registry import make_registry
from featuremill_sinks.options import SinkOptions
from featuremill_sinks.program import all_options
from featuremill_sinks.verification import connect
from redis.backoff import NoBackoff
from redis.retry import Retry
from rich.console import Console
from rich.text import Text

from featuremill_local.cache import SetupError
from featuremill_local.connector import build_connector
from featuremill_local.places import PIPELINES

REGISTRY_KEY = "@registry"


def write_registry(address: str | None, output: Path | None, console: Console) -> int:
    """To a Redis, to a file, or to standard output; exit code 0. Raises `SetupError` if it can't be written.

    The password of the Redis at `HOST:PORT` is in FEATUREMILL_REDIS_PASSWORD, as it is for the jobs that write to it.
    """
    # each version is its package's, which pins the connector's jar
    text = json.dumps(make_registry(PIPELINES, build_connector().pin), indent=2, ensure_ascii=False) + "\n"
    if address is not None:
        server = connect(SinkOptions(all_options(address, {"on-bad-row": "fail"}, ())))  # so that it needs no topic
        # whoever asks for it sees at once that no Redis is there: trying again would take four seconds
        server.set_retry(Retry(NoBackoff(), 0))
        try:
            server.set(REGISTRY_KEY, text)
        except redis.AuthenticationError as error:
            raise SetupError(
                f"Redis at {address} refuses the login: {error}\nhelp: FEATUREMILL_REDIS_PASSWORD is its password"
            ) from None
        except redis.RedisError as error:
            raise SetupError(f"the registry could not be written to Redis at {address}: {error}") from None
        console.print(Text(f"wrote the key {REGISTRY_KEY} of Redis at {address}"))
    if output is not None:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise SetupError(f"{output} can't be written: {error.strerror or error}") from None
        console.print(Text(f"wrote {output}"))
    if address is None and output is None:
        console.out(text, end="", highlight=False)
    return 0
