"""`python -m featuremill_local`: what nox runs for the commands that need a platform or a jar."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from featuremill_sinks.batch_ingestion import date_argument
from featuremill_sinks.program import add_sink_option, address
from rich.console import Console
from rich.text import Text

from featuremill_local.cache import SetupError
from featuremill_local.commands import console_on, run_command
from featuremill_local.places import PIPELINES


def main(arguments: list[str]) -> int:
    """Run one command; the exit code: 0 done, 1 it failed, 2 a mistake in what was asked or in a pipeline."""
    given = _parser().parse_args(arguments)
    return run_command(lambda: given.command(given, console_on(sys.stdout)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="featuremill_local", description="One machine as the whole platform.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="a pipeline the whole way, from its sample to a gRPC answer")
    run.add_argument("pipeline")
    run.add_argument("--keep", action="store_true", help="hold everything up at the end and print the addresses")
    run.add_argument("--embedded", action="store_true", help="as child processes (the default)")
    run.add_argument("--docker", action="store_true", help="in containers")
    run.add_argument("--rows", type=int, default=10, metavar="N", help="entities in the table (default: %(default)s)")
    run.add_argument("--pipelines", type=Path, default=PIPELINES, metavar="DIR", help="where the pipelines are")
    batch = run.add_argument_group("of a batch")
    batch.add_argument("--dt", type=date_argument, metavar="DAY", help="the day (default: the last one of its data)")
    batch.add_argument("--from", type=date_argument, dest="first", metavar="DAY", help="or the first of several days")
    batch.add_argument(
        "--to", type=date_argument, dest="last", metavar="DAY", help="and the last; those that are there are kept"
    )
    batch.add_argument("--data", type=Path, metavar="DIR", help="a folder for each source table (default: the sample)")
    batch.add_argument("--feature-source", type=Path, metavar="DIR", help="where partitions are written, and stay")
    batch.add_argument("--report", type=Path, metavar="FILE", help="write what became of every row there, as JSON")
    run.set_defaults(command=_run)

    replay = commands.add_parser("replay", help="load Redis again from the feature source, whatever is newer staying")
    replay.add_argument("pipeline")
    replay.add_argument(
        "--dt", type=date_argument, metavar="DAY", help="one day: of partitions, or of event times in UTC"
    )
    replay.add_argument(
        "--from", type=date_argument, dest="first", metavar="DAY", help="the first day (default: all there is)"
    )
    replay.add_argument("--to", type=date_argument, dest="last", metavar="DAY", help="the last day")
    replay.add_argument("--run", metavar="RUN", help="a run that is held up (default: the newest, of this pipeline)")
    replay.add_argument(
        "--redis", type=address, metavar="HOST:PORT", help="what is loaded (default: that of the run held up)"
    )
    replay.add_argument(
        "--kafka",
        type=address,
        metavar="HOST:PORT",
        help="what has the topics (default: that of the run held up; of a batch with --redis none, and a bad row then"
        " refuses all)",
    )
    add_sink_option(replay)
    replay.add_argument(
        "--feature-source",
        type=Path,
        metavar="DIR",
        help="where the partitions lie (default: where the run held up has them, else where backfills keep them)",
    )
    replay.add_argument("--without-history", action="store_true", help="leave out what `bootstrap_from` names")
    replay.add_argument("--report", type=Path, metavar="FILE", help="write what became of every row there, as JSON")
    replay.add_argument("--dry-run", action="store_true", help="say what would be read, and end")
    replay.add_argument("--pipelines", type=Path, default=PIPELINES, metavar="DIR", help="where the pipelines are")
    replay.set_defaults(command=_replay)

    test = commands.add_parser("test", help="the golden cases of a pipeline, or of all")
    test.add_argument("pipeline", nargs="*", help="all that have cases where none is named")
    test.add_argument("--case", action="append", default=[], metavar="NAME", help="this case; may stand several times")
    test.add_argument("--update", action="store_true", help="write what comes out, for you to review")
    test.add_argument("--time-limit", type=float, default=60.0, metavar="SECONDS", help="for a case (default: 60)")
    test.add_argument("--shuffle", type=int, default=0, metavar="N", help="run each in N other orders of its rows, too")
    test.add_argument("--seed", type=int, metavar="S", help="where the orders come from (default: by chance)")
    test.add_argument("--pipelines", type=Path, default=PIPELINES, metavar="DIR", help="where the pipelines are")
    test.set_defaults(command=_test)

    check = commands.add_parser("check", help="the word of Flink's and Spark's planners on pipelines; nothing is run")
    check.add_argument("pipeline", nargs="*", help="all where none is named")
    check.add_argument("--format", choices=("text", "json"), default="text", help="json for tools (default: text)")
    check.add_argument("--plan", type=Path, metavar="DIR", help="write the plans there, without options")
    check.add_argument("--watch", action="store_true", help="go on with what changes, until Ctrl-C")
    check.add_argument("--pipelines", type=Path, default=PIPELINES, metavar="DIR", help="where the pipelines are")
    check.set_defaults(command=_check)

    coverage = commands.add_parser("coverage", help="what of the queries no golden case exercises")
    coverage.add_argument("pipeline", nargs="*", help="all where none is named")
    coverage.add_argument("--format", choices=("text", "json"), default="text", help="(default: %(default)s)")
    coverage.add_argument("--fail-under", type=float, default=0.0, metavar="PERCENT", help="exit code 1 below this")
    coverage.add_argument("--time-limit", type=float, default=60.0, metavar="SECONDS", help="for a case (default: 60)")
    coverage.add_argument("--pipelines", type=Path, default=PIPELINES, metavar="DIR", help="where the pipelines are")
    coverage.set_defaults(command=_coverage)

    down = commands.add_parser("down", help="end the runs of this clone that are held up")
    down.set_defaults(command=_down)

    letters = commands.add_parser("dead-letters", help="what could not be read or written, and why")
    source = letters.add_mutually_exclusive_group()
    source.add_argument("--run", metavar="RUN", help="a run that is held up (default: the newest)")
    source.add_argument("--bootstrap-servers", metavar="HOST:PORT", help="another Kafka")
    letters.add_argument("--most", type=int, default=20, metavar="N", help="how many (default: %(default)s)")
    letters.set_defaults(command=_dead_letters)

    build = commands.add_parser("build", help="a pipeline's package, in dist/")
    build.add_argument("pipeline")
    build.add_argument("--dist", type=Path, default=Path("dist"), help="where to (default: %(default)s)")
    build.set_defaults(command=_build)

    schedule = commands.add_parser("schedule", help="what a scheduler runs for the batches, and their packages")
    schedule.add_argument("pipeline", nargs="*", help="all batches where none is named")
    schedule.add_argument("--airflow", action="store_true", help="for Airflow alone: a DAG each (default: for both)")
    schedule.add_argument("--dolphinscheduler", action="store_true", help="for DolphinScheduler alone: a workflow each")
    schedule.add_argument("--output", type=Path, metavar="DIR", help="where to (default: dist/schedule)")
    schedule.add_argument("--dist", type=Path, default=Path("dist"), metavar="DIR", help="packages (%(default)s)")
    schedule.add_argument("--pipelines", type=Path, default=PIPELINES, metavar="DIR", help="where the pipelines are")
    schedule.set_defaults(command=_schedule)

    registry = commands.add_parser("registry", help="what readers know of the pipelines, as JSON")
    registry.add_argument("--redis", type=address, metavar="HOST:PORT", help="write it to the key @registry there")
    registry.add_argument("--output", type=Path, metavar="FILE", help="write it to a file")
    registry.set_defaults(command=_registry)
    return parser


def _run(given: argparse.Namespace, console: Console) -> int:
    from featuremill_local.batch_run import BatchOptions
    from featuremill_local.local_run import Options, run_pipeline

    if (given.first is None) != (given.last is None) or (given.dt is not None and given.first is not None):
        raise SetupError("give --dt DAY, or both --from DAY and --to DAY")
    if given.first is not None and given.first > given.last:
        raise SetupError(f"--from {given.first} is after --to {given.last}")
    if given.docker:
        raise SetupError("containers are not supported yet\nhelp: leave out --docker")
    if given.rows < 1:
        raise SetupError(f"--rows is {given.rows}: at least 1 is needed")
    data, feature_source = (path and path.absolute() for path in (given.data, given.feature_source))
    _check_report(given.report)
    batch = BatchOptions(given.dt, given.first, given.last, data, feature_source, given.report)
    options = Options(given.keep, given.rows, given.pipelines.absolute(), batch)
    return run_pipeline(given.pipeline, options, console)


def _replay(given: argparse.Namespace, console: Console) -> int:
    from featuremill_local.replay import replay
    from featuremill_local.replay_plan import Options

    if given.dt is not None and (given.first is not None or given.last is not None):
        raise SetupError("give --dt DAY, or --from DAY and --to DAY, or one of them")
    first, last = given.dt or given.first, given.dt or given.last
    if first is not None and last is not None and first > last:
        raise SetupError(f"--from {first} is after --to {last}")
    _check_report(given.report)
    options = Options(
        first=first,
        last=last,
        run=given.run,
        redis=given.redis,
        kafka=given.kafka,
        sink_options=given.sink_option,
        feature_source=given.feature_source and given.feature_source.absolute(),
        without_history=given.without_history,
        report=given.report,
        plan_only=given.dry_run,
        pipelines=given.pipelines.absolute(),
    )
    return replay(given.pipeline, options, console)


def _check_report(report: Path | None) -> None:
    """Raises `SetupError` where it can't be written, before anything is started for it."""
    if report is not None and (report.is_dir() or not report.absolute().parent.is_dir()):
        what = "is a folder" if report.is_dir() else "lies in a folder that doesn't exist"
        raise SetupError(f"--report {report} {what}\nhelp: name a file in a folder that is there")


def _test(given: argparse.Namespace, console: Console) -> int:
    from featuremill_local.cases.command import Options, pipelines_with_cases, run_cases

    if not given.time_limit > 0:
        raise SetupError(f"--time-limit is {given.time_limit:g}: more than 0 seconds are needed")
    if given.shuffle < 0:
        raise SetupError(f"--shuffle is {given.shuffle}: a number of orders is needed")
    if given.shuffle and given.update:
        raise SetupError("--update writes what comes out in the order of the files\nhelp: leave out --shuffle")
    if given.seed is not None and not given.shuffle:
        raise SetupError("--seed is of use with --shuffle only\nhelp: -- --shuffle 5 --seed 1")
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    options = Options(given.case, given.update, given.time_limit, given.pipelines.absolute(), given.shuffle, seed)
    return run_cases(given.pipeline or pipelines_with_cases(options.pipelines), options, console)


def _check(given: argparse.Namespace, console: Console) -> int:
    from featuremill_local.check.command import Options, run_check

    if given.plan is not None and given.plan.exists() and not given.plan.is_dir():
        raise SetupError(f"--plan {given.plan} is no folder\nhelp: name one; it is made where it isn't there")
    plans = given.plan.absolute() if given.plan is not None else None
    options = Options(given.format, plans, given.watch, given.pipelines.absolute())
    return run_check(given.pipeline, options, console, console_on(sys.stderr))


def _coverage(given: argparse.Namespace, console: Console) -> int:
    from featuremill_codegen.collection import list_pipelines

    from featuremill_local.coverage.command import Options, run_coverage

    if not given.time_limit > 0:
        raise SetupError(f"--time-limit is {given.time_limit:g}: more than 0 seconds are needed")
    if not 0 <= given.fail_under <= 100:
        raise SetupError(f"--fail-under is {given.fail_under:g}: a number of percent is needed, 0 to 100")
    options = Options(given.format, given.fail_under, given.time_limit, given.pipelines.absolute())
    names = given.pipeline or list_pipelines(options.pipelines)
    return run_coverage(names, options, console, console_on(sys.stderr))


def _down(_: argparse.Namespace, console: Console) -> int:
    from featuremill_local.down import end_runs

    return end_runs(console)


def _dead_letters(given: argparse.Namespace, console: Console) -> int:
    from featuremill_local.dead_letters import show

    return show(given.run, given.bootstrap_servers, given.most, console)


def _build(given: argparse.Namespace, console: Console) -> int:
    from featuremill_codegen.package import build_package

    from featuremill_local.connector import build_connector

    package = build_package(PIPELINES / given.pipeline, given.dist, build_connector().pin)
    console.print(Text(str(package.path)))
    return 0


def _schedule(given: argparse.Namespace, console: Console) -> int:
    from featuremill_local.schedule import Options, run_schedule

    schedulers = [name for name in ("airflow", "dolphinscheduler") if getattr(given, name)]
    schedulers = schedulers or ["airflow", "dolphinscheduler"]
    return run_schedule(Options(given.pipeline, schedulers, given.pipelines, given.dist, given.output), console)


def _registry(given: argparse.Namespace, console: Console) -> int:
    from featuremill_local.registry import write_registry

    return write_registry(given.redis, given.output, console)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
