"""The command line."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from featuremill_serving import __version__
from featuremill_serving.errors import ServingError, WorkerEnded
from featuremill_serving.logs import set_up_logs
from featuremill_serving.metrics import count_from_place
from featuremill_serving.server import check, run
from featuremill_serving.settings import PREFIX, Settings, flag_of, load_settings
from featuremill_serving.supervisor import WORKER_VARIABLE, supervise

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
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        settings, checking = parse_arguments(arguments)
        set_up_logs(settings.log_format, settings.log_level)
        place = os.environ.get(WORKER_VARIABLE)
        if place is not None:
            count_from_place(place)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if checking:
                runner.run(check(settings))
            elif settings.processes > 1 and place is None:
                runner.run(supervise(settings, arguments))
            else:
                runner.run(run(settings, worker=place is not None))
    except WorkerEnded as error:
        return error.exit_code
    except ServingError as error:
        print(f"error: {error.message}\nhelp: {error.mend}", file=sys.stderr)
        return error.exit_code
    return 0


def parse_arguments(arguments: Sequence[str]) -> tuple[Settings, bool]:
    """The command line, environment and file as settings, and whether they are only to be checked.

    Ends the process after `--help`, or on an option that isn't known.

    Raises:
        UsageError: a value can't be read, or two of them contradict each other.
    """
    options = vars(_parser().parse_args(arguments))
    config: Path | None = options.pop("config", None)
    checking: bool = options.pop("check", False)
    return load_settings(options, config), checking


def _parser() -> argparse.ArgumentParser:
    """A flag for each setting that is no secret."""
    parser = argparse.ArgumentParser(
        prog="python -m featuremill_serving",
        description="Answers models: reads the features of an entity from Redis and gives them out over gRPC, and as "
        "JSON over HTTP where --http says.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--config", metavar="FILE", type=Path, help="a TOML file with the settings below")
    parser.add_argument("--check", action="store_true", help="try everything that a start needs, say what is, and exit")
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
