"""What the programs of both ingestion jobs share: arguments of the sink, the table environment, the end."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from featuremill_sinks.ddl import DEAD_LETTER_TOPIC
from featuremill_sinks.options import MASK, MODEL, OptionError, SinkOptions


class Parser(argparse.ArgumentParser):
    """A parser of a job's arguments, those of the sink among them. It shows no value that it does not know.

    Somebody may have written a password there, and what a program prints ends in logs.
    """

    def __init__(self, description: str) -> None:
        secrets = ", ".join(option.variable for option in MODEL.options.values() if option.secret)
        super().__init__(
            description=description, epilog=f"Secrets come from the environment: {secrets}.", allow_abbrev=False
        )
        self.add_argument("--redis", type=address, metavar="HOST:PORT", help="the Redis that serving reads")
        add_sink_option(self)

    def parse_all(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The arguments. A mistake ends the program with exit code 2 and a message that names it."""
        given, unknown = self.parse_known_args(arguments)
        if unknown:
            names = [argument.partition("=")[0] for argument in unknown if argument.startswith("--")]
            self.error(f"unknown argument: {' '.join(names) or 'one without a name'}")
        return given

    def sink_options(self, given: argparse.Namespace, own: Mapping[str, str]) -> SinkOptions:
        """The sink's options: secrets of the environment, `--redis`, the job's own, and what `--sink-option` says.

        A mistake ends the program as `parse_all` does.
        """
        options = all_options(given.redis, own, given.sink_option)
        try:
            return SinkOptions(options)
        except OptionError as error:
            mend = " Give --redis HOST:PORT." if not {"host", "unix-socket"} & options.keys() else ""
            self.error(f"{error}{mend}")


def add_sink_option(parser: argparse.ArgumentParser) -> None:
    """The argument `--sink-option`, beside `--redis`."""
    parser.add_argument(
        "--sink-option",
        action="append",
        default=[],
        type=sink_option,
        metavar="OPTION=VALUE",
        help="an option of the sink, as sinks/README.md has them; wins over --redis; may be repeated",
    )


def all_options(redis: str | None, own: Mapping[str, str], chosen: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The sink's options: secrets of the environment, the Redis `HOST:PORT`, a program's own, and those chosen."""
    options = MODEL.from_environment(os.environ)
    if redis is not None:
        host, _, port = redis.rpartition(":")
        options |= {"host": host, "port": port}
    return {**options, **own, **dict(chosen)}


def address(text: str) -> str:
    """An argument `HOST:PORT`. Raises `ArgumentTypeError`."""
    host, _, port = text.rpartition(":")
    if not host or re.search("[@/]", host) or not re.fullmatch("[0-9]{1,5}", port):
        # a URL may hold a password
        raise argparse.ArgumentTypeError(f"{'the URL' if re.search('[@/]', text) else repr(text)} is not HOST:PORT")
    return text


def sink_option(text: str) -> tuple[str, str]:
    """An argument `OPTION=VALUE` as name and value. Raises `ArgumentTypeError`, which shows no secret."""
    name, equals, value = text.partition("=")
    if not equals:
        known = [option for option in MODEL.options if text.startswith(option)]
        raise argparse.ArgumentTypeError(f"{max(known, key=len, default='what was given')} is not OPTION=VALUE")
    try:
        option = MODEL.option(name)
        if option.secret:
            raise OptionError(
                f"Option '{name}' is a secret, and every process of a machine can read a command line: set the"
                f" environment variable {option.variable}."
            )
        option.parse(value)
    except OptionError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return name, value


def dead_letter_options(bootstrap_servers: str) -> dict[str, str]:
    """The sink's options for dead letters in the platform's topic."""
    return {"dead-letter.topic": DEAD_LETTER_TOPIC, "dead-letter.bootstrap-servers": bootstrap_servers}


def table_environment(job_name: str, *, streaming: bool = True) -> Any:
    """A table environment in UTC with the connector jars that FEATUREMILL_JARS names."""
    from pyflink.table import EnvironmentSettings, TableEnvironment

    settings = EnvironmentSettings.in_streaming_mode() if streaming else EnvironmentSettings.in_batch_mode()
    made = TableEnvironment.create(settings)
    configuration = made.get_config()
    configuration.set("table.local-time-zone", "UTC")
    configuration.set("pipeline.name", job_name)
    # Else Flink copies each row between two operators of a chain; here none of them keeps a row as it came.
    configuration.set("pipeline.object-reuse", "true")
    if jars():
        configuration.set("pipeline.jars", ";".join(jars()))
    return made


def jars() -> list[str]:
    """The URIs of the connector jars that FEATUREMILL_JARS names, separated as in PATH."""
    return [Path(jar).absolute().as_uri() for jar in os.environ.get("FEATUREMILL_JARS", "").split(os.pathsep) if jar]


def execute(environment: Any, inserts: Sequence[str], *, wait: bool = False) -> None:
    """Submit the inserts as one job; prints `job <id>`. `wait` is for its end; a job that fails raises then."""
    statements = environment.create_statement_set()
    for insert in inserts:
        statements.add_insert_sql(insert)
    client = statements.execute().get_job_client()
    assert client is not None
    print(f"job {client.get_job_id()}", flush=True)
    if wait:
        client.get_job_execution_result().result()
        print("finished", flush=True)


def run(main: Callable[[list[str]], None], arguments: list[str]) -> None:
    """Run a program. What Flink refuses ends it with Flink's own message, no stack, and exit code 1."""
    try:
        main(arguments)
    except Exception as error:
        if not type(error).__module__.startswith(("py4j.", "pyflink.")):
            raise
        refuse(root_cause(str(error), MODEL.from_environment(os.environ).values()))


def root_cause(stack: str, secrets: Iterable[str]) -> str:
    """The message at the root of a Java exception's text, without its stack; the secrets are masked in it."""
    first_line = r"(?:^|\n)(?:Caused by: |: )?([\w.$]+(?:Exception|Error)[^\n]*"
    more_lines = r"(?:\n(?!\s+at |\s*\.\.\. |Caused by: )[^\n]*)*)"
    causes = re.findall(first_line + more_lines, stack)
    message = str(causes[-1] if causes else stack).strip()
    for secret in secrets:
        message = message.replace(secret, MASK)
    return re.sub(r"^(?:[\w$]+\.)+([\w$]+): ", r"\1: ", message)


def refuse(message: str) -> NoReturn:
    """End the program with a message and exit code 1: what was asked for can't be done."""
    raise SystemExit(f"error: {message}")
