"""`python -m featuremill_ci`: what nox runs for the commands that reach a cluster."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from featuremill_local.cache import SetupError
from featuremill_local.commands import console_on, run_command
from featuremill_local.places import PIPELINES
from featuremill_sinks.batch_ingestion import date_argument

from featuremill_ci.submitting import ENVIRONMENTS, Order, submit


def main(arguments: list[str]) -> int:
    """Run one command; the exit code: that of what was run, 2 for a mistake in what was asked or in a file."""
    given = _parser().parse_args(arguments)
    return run_command(lambda: submit(_order(given), console_on(sys.stdout)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="featuremill_ci", description=__doc__)
    commands = parser.add_subparsers(required=True)
    submit = commands.add_parser("submit", help="run a batch by spark-submit, on this machine, YARN or Kubernetes")
    submit.add_argument("pipeline")
    submit.add_argument("--environment", required=True, metavar="NAME", help="ci/environments/NAME.yaml")
    submit.add_argument("--dt", type=date_argument, metavar="DAY", help="the day, such as 2013-06-01")
    submit.add_argument("--from", type=date_argument, dest="first", metavar="DAY", help="or the first of several days")
    submit.add_argument("--to", type=date_argument, dest="last", metavar="DAY", help="and the last one")
    submit.add_argument("--skip-done", action="store_true", help="leave partitions alone that this version has written")
    submit.add_argument("--at-once", type=int, default=1, metavar="N", help="days at once (default: %(default)s)")
    submit.add_argument("--print", action="store_true", help="show the command and run nothing")
    submit.add_argument("--pipelines", type=Path, default=PIPELINES, metavar="DIR", help="where the pipelines are")
    submit.add_argument("--environments", type=Path, default=ENVIRONMENTS, metavar="DIR", help="where their files are")
    submit.add_argument("--dist", type=Path, default=Path("dist"), metavar="DIR", help="where the package is built")
    return parser


def _order(given: argparse.Namespace) -> Order:
    arguments: list[str] = []
    if given.dt is not None and given.first is None and given.last is None:
        arguments += ["--dt", str(given.dt)]
    elif given.dt is None and given.first is not None and given.last is not None and given.first <= given.last:
        arguments += ["--from", str(given.first), "--to", str(given.last)]
    else:
        raise SetupError("give --dt DAY, or --from DAY and --to DAY, the first day first")
    arguments += ["--skip-done"] if given.skip_done else []
    arguments += ["--at-once", str(given.at_once)] if given.at_once != 1 else []
    pipeline = given.pipelines.absolute() / given.pipeline
    return Order(pipeline, given.environment, given.environments, arguments, given.dist.absolute(), given.print)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
