"""The command line."""

import argparse
import asyncio
import logging
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from featuremill_serving import __version__
from featuremill_serving.addresses import is_loopback, parse_host_port, parse_redis
from featuremill_serving.clock import machine_clock, parse_clock
from featuremill_serving.errors import ServingError, UsageError
from featuremill_serving.server import PASSWORD_VARIABLE, Settings, run

_EPILOG = f"""\
The password of Redis is read from the environment variable {PASSWORD_VARIABLE}.

Prints one line, 'listening HOST:PORT', when requests are answered; the log goes to standard error.
SIGTERM and SIGINT let calls under way finish.

exit codes: 0 told to stop, 2 command line, 3 can't listen on the address, 4 Redis can't be read, 5 registry file broken
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the service and returns its exit code. A person's mistake is two lines on standard error."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)sZ %(levelname)s %(message)s")
    try:
        settings = parse_settings(arguments, os.environ.get(PASSWORD_VARIABLE))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings))
    except ServingError as error:
        print(f"error: {error.message}\nhelp: {error.mend}", file=sys.stderr)
        return error.exit_code
    return 0


def parse_settings(arguments: Sequence[str] | None, password: str | None) -> Settings:
    """The command line as settings; ends the process after `--help` or on an option that isn't known.

    Raises:
        UsageError: a value can't be read, or --now is asked for where others can reach the service.
    """
    options = _parser().parse_args(arguments)
    listen = parse_host_port(options.listen)
    clock = machine_clock
    if options.now is not None:
        clock = parse_clock(options.now)
        if not is_loopback(listen):
            raise UsageError(
                f"--now gives the service a clock of its own, which {listen} would show to other machines",
                "leave --now out, or listen on loopback: --listen 127.0.0.1:0",
            )
    return Settings(
        listen=listen,
        redis=parse_redis(options.redis),
        redis_password=password or None,
        wait_for_redis_s=options.wait_for_redis,
        registry_file=options.registry,
        clock=clock,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m featuremill_serving",
        description="Answers models: reads the features of an entity from Redis and gives them out over gRPC.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--redis",
        metavar="ADDRESS",
        default="127.0.0.1:6379",
        help="HOST:PORT, or a Unix socket as unix:/PATH (default: %(default)s)",
    )
    parser.add_argument(
        "--wait-for-redis",
        metavar="SECONDS",
        type=_seconds,
        default=0.0,
        help="how long to wait at the start for a Redis that isn't there yet (default: not at all)",
    )
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        default="127.0.0.1:0",
        help="where to answer; port 0 takes any free one (default: %(default)s)",
    )
    parser.add_argument(
        "--registry",
        metavar="FILE",
        type=Path,
        help="registry.json; without it the Redis key @registry. Either is looked at again every second",
    )
    parser.add_argument(
        "--now",
        metavar="TIME",
        help="for samples of another time, on loopback only: a clock that stands at an instant (2013-01-03T12:00:00Z), "
        "or runs at an offset from the machine's (--now=-4700d; ms, s, m, h, d)",
    )
    parser.add_argument("--version", action="version", version=f"featuremill-serving {__version__}")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds")
    return seconds
