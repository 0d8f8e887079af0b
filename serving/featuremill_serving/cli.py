"""The command line."""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from featuremill_serving import __version__
from featuremill_serving.errors import ServingError
from featuremill_serving.server import run
from featuremill_serving.settings import PREFIX, Settings, flag_of, load_settings

_EPILOG = f"""\
Every option may stand in the file of --config (TOML: redis_timeout = 0.5) or in the environment
({PREFIX}REDIS_TIMEOUT), too; a flag goes before the environment, the environment before the file.
Secrets come by the environment or the file alone: {PREFIX}REDIS_PASSWORD, {PREFIX}REDIS_SENTINEL_PASSWORD.

Prints one line, 'listening HOST:PORT', when requests are answered; the log goes to standard error.
SIGTERM and SIGINT let calls under way finish.

exit codes: 0 told to stop, 2 configuration, 3 can't listen on the address, 4 Redis can't be read, 5 broken registry
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the service and returns its exit code. A person's mistake is two lines on standard error."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)sZ %(levelname)s %(message)s")
    try:
        settings = parse_settings(arguments)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings))
    except ServingError as error:
        print(f"error: {error.message}\nhelp: {error.mend}", file=sys.stderr)
        return error.exit_code
    return 0


def parse_settings(arguments: Sequence[str] | None) -> Settings:
    """The command line, environment and file as settings; ends the process after `--help` or on an unknown option.

    Raises:
        UsageError: a value can't be read, or two of them contradict each other.
    """
    options = vars(_parser().parse_args(arguments))
    config: Path | None = options.pop("config", None)
    return load_settings(options, config)


def _parser() -> argparse.ArgumentParser:
    """A flag for each setting that is no secret."""
    parser = argparse.ArgumentParser(
        prog="python -m featuremill_serving",
        description="Answers models: reads the features of an entity from Redis and gives them out over gRPC.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--config", metavar="FILE", type=Path, help="a TOML file with the settings below")
    for name, field in Settings.model_fields.items():
        text = field.description or ""
        if text == "secret":
            continue
        options: dict[str, Any] = {"dest": name, "help": text.replace("%", "%%")}
        if field.annotation is bool:
            options["action"] = "store_true"
        else:
            metavar, _, text = text.removeprefix("<").partition("> ")
            default = ",".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
            shown = "" if default in (None, "") else f" (default: {default})"
            options |= {"metavar": metavar, "help": (text + shown).replace("%", "%%")}
        parser.add_argument(flag_of(name), **options)
    parser.add_argument("--version", action="version", version=f"featuremill-serving {__version__}")
    return parser
