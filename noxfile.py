"""The one command surface: a session makes its environment ready and calls one function.

`nox -l` lists what there is. What follows `--` is passed on; `-- --help` tells what a command takes.
"""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parent
if not (3, 11) <= sys.version_info[:2] <= (3, 12):
    print(
        "error: featuremill needs Python 3.11 or 3.12 (PyFlink has no release for others); "
        f"this nox runs on {sys.version.split()[0]}\n"
        "help: python3.11 -m venv .venv && .venv/bin/pip install nox && .venv/bin/nox -l",
        file=sys.stderr,
    )
    sys.exit(2)
sys.path.insert(0, str(ROOT / "local"))

import nox  # noqa: E402
from featuremill_local.cache import SetupError, cache_root  # noqa: E402
from featuremill_local.environments import process_environment, python  # noqa: E402

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint"]
PIPELINES = sorted(path.name for path in (ROOT / "pipelines").iterdir() if path.is_dir() and path.name[0] not in "._")
TEST_PARTS = ("pipelines", "codegen", "local", "ci", "sinks", "serving", "client", "benchmarks", "e2e")
QUICK = "not jvm and not slow"


def run(environment: str, *arguments: str, keep_bytecode: bool = False, fine: tuple[int, ...] = (0,)) -> None:
    """Run Python in one of the environments and end with its exit code if that isn't one of the `fine` ones.

    With `keep_bytecode` modules are compiled once for all runs, into the cache: a third of what starting lint costs.
    """
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache_root() / "bytecode")}
    end_unless(wait(start(environment, *arguments, variables=kept if keep_bytecode else {})), fine)


def start(
    environment: str, *arguments: str, variables: Mapping[str, str] | None = None, output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start Python in one of the environments, which is made if need be; all that it says goes to `output`, if given.

    `variables` are added to those of the environment.
    """
    try:
        interpreter = str(python(environment))
    except SetupError as error:
        refuse(str(error))
    given = process_environment(environment) | {"FEATUREMILL_PARENT": str(os.getpid())} | dict(variables or {})
    return subprocess.Popen([interpreter, *arguments], env=given, cwd=ROOT, stdout=output, stderr=output)


def wait(child: subprocess.Popen[bytes]) -> int:
    """Its exit code, once it has ended."""
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # Ctrl-C went to the child, too: it ends its processes, and then itself


def end_unless(code: int, fine: tuple[int, ...]) -> None:
    """End with this exit code of a child if it isn't one of the `fine` ones."""
    if code not in fine:
        sys.exit(code if code > 0 else 128 - code)


def refuse(message: str) -> NoReturn:
    """End with a message for a person and the exit code of a usage error."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(2)


@nox.session(python=False)
def new(session: nox.Session) -> None:
    """A new pipeline folder from a template that passes every check: -- <pipeline>."""
    run("tool", "-m", "featuremill_codegen", "new", *session.posargs)


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """The fast rules over every pipeline, or those named after --; -- --fix mends, -- --explain FM201 tells more."""
    run("tool", "-m", "featuremill_codegen", "lint", *session.posargs, keep_bytecode=True)


@nox.session(python=False)
def lineage(session: nox.Session) -> None:
    """Where features come from: -- <pipeline>; or what hangs on a source column: -- --source TABLE.COLUMN."""
    run("tool", "-m", "featuremill_codegen", "lineage", *session.posargs)


@nox.session(python=False, name="format")
def format_sql(session: nox.Session) -> None:
    """One style for the SQL of every pipeline, or of the pipelines and files named after --; -- --check writes none."""
    run("tool", "-m", "featuremill_codegen", "format", *session.posargs)


@nox.session(python=False)
def check(session: nox.Session) -> None:
    """The word of Flink's own planner on every pipeline, or those named after --; nothing is run."""
    run("tool", "-m", "featuremill_local", "check", *session.posargs)


@nox.session(python=False)
def cases(session: nox.Session) -> None:
    """The golden cases of all pipelines: those of streams in one JVM, those of batches in another."""
    run("tool", "-m", "featuremill_local", "test", *session.posargs)


@nox.session(python=False)
def coverage(session: nox.Session) -> None:
    """What of the pipelines' queries no golden case exercises; -- --format json, -- --fail-under PERCENT."""
    run("tool", "-m", "featuremill_local", "coverage", *session.posargs)


@nox.session(python=False)
def schedule(session: nox.Session) -> None:
    """What Airflow and DolphinScheduler run for every batch, or those named after --; -- --airflow for one of them."""
    run("tool", "-m", "featuremill_local", "schedule", *session.posargs)


@nox.session(python=False)
def registry(session: nox.Session) -> None:
    """What readers know of the pipelines, as JSON; -- --redis HOST:PORT or --output FILE writes it."""
    run("tool", "-m", "featuremill_local", "registry", *session.posargs)


@nox.session(python=False)
def serve(session: nox.Session) -> None:
    """The gRPC service in the foreground; -- --help tells its options."""
    run("serving", "-m", "featuremill_serving", *session.posargs)


@nox.session(python=False, name="dead-letters")
def dead_letters(session: nox.Session) -> None:
    """What could not be read or written, and why: of the run held up, or -- --bootstrap-servers HOST:PORT."""
    run("tool", "-m", "featuremill_local", "dead-letters", *session.posargs)


@nox.session(python=False)
def down(session: nox.Session) -> None:
    """End the runs of this clone that `local-<pipeline> -- --keep` holds up."""
    run("tool", "-m", "featuremill_local", "down", *session.posargs)


@nox.session(python=False)
def tests(session: nox.Session) -> None:
    """All of our tests but the fault runs; what follows -- goes to pytest."""
    run_tests(session, *TEST_PARTS, marked=QUICK, processes=8)
    # each of these has several JVMs: two at once fill two cores, and more would need much memory
    run_tests(session, *TEST_PARTS, marked=f"not ({QUICK})", processes=2)


@nox.session(python=False, name="tests-quick")
def tests_quick(session: nox.Session) -> None:
    """The tests that need no JVM and no other program's installation: under a minute."""
    run_tests(session, *TEST_PARTS, "faults", marked=QUICK, processes=8)


@nox.session(python=False)
def style(session: nox.Session) -> None:
    """The static checks: what pre-commit runs on every file, and mypy."""
    run("tool", "-m", "pre_commit", "run", "--all-files", "--show-diff-on-failure")
    run("tool", "-m", "mypy", *session.posargs)


@nox.session(python=False, name="fuzz-serving")
def fuzz_serving(session: nox.Session) -> None:
    """Input that nobody means to the service, for a minute; -- --seconds 300, -- --target NAME, -- --seed N."""
    run("tool", "tests/serving/fuzz_run.py", *session.posargs)


@nox.session(python=False, name="bench-lint")
def bench_lint(session: nox.Session) -> None:
    """How long lint takes over 100 and 1,000 pipelines."""
    run("tool", "benchmarks/lint.py", *session.posargs, keep_bytecode=True)


@nox.session(python=False, name="bench-local")
def bench_local(session: nox.Session) -> None:
    """Where the seconds of a local run go."""
    run("tool", "benchmarks/local_run.py", *session.posargs)


@nox.session(python=False, name="bench-sinks")
def bench_sinks(session: nox.Session) -> None:
    """The Redis sink beside other ways to write: rows/s, CPU a row, a slow network, memory, latency; 16 minutes."""
    run("tool", "-m", "benchmarks.sinks", *session.posargs)


@nox.session(python=False, name="bench-serving")
def bench_serving(session: nox.Session) -> None:
    """What a request costs the service, beside redis-py, Go, Feast and a handler that does nothing; 9 minutes."""
    run("tool", "-m", "benchmarks.serving", *session.posargs)


@nox.session(python=False, name="bench-batch")
def bench_batch(session: nox.Session) -> None:
    """What batches cost: Parquet to Redis, HiveQL to Parquet, Spark's start in a daily run."""
    run("tool", "-m", "benchmarks.batch", *session.posargs)


@nox.session(python=False, name="bench-client")
def bench_client(session: nox.Session) -> None:
    """What reading features costs the Python client, beside what one writes by hand; a minute."""
    run("client", "benchmarks/client.py", *session.posargs)


def run_tests(session: nox.Session, *parts: str, marked: str = "", processes: int = 1) -> None:
    """pytest in the tool environment, where a test that needs another one makes it; the client has an environment.

    Where there are several parts, what follows -- may choose tests that only some have: none at all is no failure.
    `processes`: that many at most and one for each core; a file's tests stay together, which share what is dear to set
    up. The client's run beside them in one process, as they mostly wait, and what it says is shown at the end.
    """
    chosen = [*(["-m", marked] if marked else []), *session.posargs]
    several = ("-n", "auto", "--maxprocesses", str(processes), "--dist", "loadfile")
    folders = {
        "tool": [f"tests/{part}" for part in parts if part != "client"],
        "client": [f"tests/{part}" for part in parts if part == "client"],
    }
    none_chosen = 5
    fine = (0, none_chosen) if len(parts) > 1 and session.posargs else (0,)
    if processes == 1:
        for environment, paths in folders.items():
            if paths:
                run(environment, "-m", "pytest", *paths, *chosen, fine=fine)
        return
    with tempfile.TemporaryFile() as told:
        client = start("client", "-m", "pytest", *folders["client"], *chosen, output=told)
        codes = [wait(start("tool", "-m", "pytest", *folders["tool"], *several, *chosen)), wait(client)]
        told.seek(0)
        print(told.read().decode(errors="replace"), end="")
    for code in codes:
        end_unless(code, fine)


def sessions_of_pipelines() -> None:
    """`build-`, `test-`, `local-`, `replay-<pipeline>` for folders with a feature.yaml, `submit-` for batches."""
    for pipeline in PIPELINES:

        @nox.session(python=False, name=f"build-{pipeline}")
        def build(session: nox.Session, pipeline: str = pipeline) -> None:
            """The pipeline's package, in dist/."""
            run("tool", "-m", "featuremill_local", "build", pipeline, *session.posargs)

        @nox.session(python=False, name=f"test-{pipeline}")
        def golden_cases(session: nox.Session, pipeline: str = pipeline) -> None:
            """Its golden cases on a real Flink or Spark; -- --case NAME, -- --update writes, -- --shuffle 5."""
            run("tool", "-m", "featuremill_local", "test", pipeline, *session.posargs)

        if (ROOT / "pipelines" / pipeline / "source.hql").exists():

            @nox.session(python=False, name=f"submit-{pipeline}")
            def submit(session: nox.Session, pipeline: str = pipeline) -> None:
                """A day of it by spark-submit: -- --environment NAME --dt DAY; -- --print shows the command alone."""
                run("tool", "-m", "featuremill_ci", "submit", pipeline, *session.posargs)

        @nox.session(python=False, name=f"local-{pipeline}")
        def local(session: nox.Session, pipeline: str = pipeline) -> None:
            """The whole way from its sample to a gRPC answer on this machine; -- --keep holds it up."""
            run("tool", "-m", "featuremill_local", "run", pipeline, *session.posargs)

        @nox.session(python=False, name=f"replay-{pipeline}")
        def replay(session: nox.Session, pipeline: str = pipeline) -> None:
            """Redis loaded again from the feature source; what is newer stays; -- --from DAY, -- --redis HOST:PORT."""
            run("tool", "-m", "featuremill_local", "replay", pipeline, *session.posargs)


def sessions_of_tests() -> None:
    """`tests-<part>` and `faults-<part>`."""
    for part in TEST_PARTS:

        @nox.session(python=False, name=f"tests-{part}")
        def part_tests(session: nox.Session, part: str = part) -> None:
            """The tests of one part."""
            run_tests(session, part)

    @nox.session(python=False, name="faults-sinks")
    def faults_sinks(session: nox.Session) -> None:
        """Faults on a real cluster while rows come: kills, pauses, cuts, disorder; every value in Redis is compared."""
        run_tests(session, "faults/sinks")

    @nox.session(python=False, name="faults-batch")
    def faults_batch(session: nox.Session) -> None:
        """Spark and Flink killed in the middle of a partition, and no room for it; every row is counted at the end."""
        run_tests(session, "faults/batch")


def refuse_unknown_sessions() -> None:
    """nox ends with exit code 3 and no suggestion; say which names come nearest."""
    known = {function.name for function in nox.registry.get().values() if function.name}
    for name in asked_for(sys.argv[1:]):
        if name in known:
            continue
        nearest = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        kind, _, pipeline = name.partition("-")
        if kind in ("local", "build", "test", "replay", "submit") and pipeline:
            can = [each for each in PIPELINES if f"{kind}-{each}" in known]
            there = difflib.get_close_matches(pipeline, can, n=3, cutoff=0.4) or can
            what = f"there is no {'batch' if kind == 'submit' else 'pipeline'} {pipeline!r} in pipelines/"
            what += " (a folder with a source.hql)" if kind == "submit" else " (a folder with a feature.yaml)"
            mend = ", ".join(f"nox -s {kind}-{name}" for name in there)
        else:
            what = f"there is no session {name!r}"
            mend = ", ".join(f"nox -s {name}" for name in nearest)
        refuse(f"{what}\nhelp: {mend + '; ' if mend else ''}nox -l lists them all")


def asked_for(arguments: list[str]) -> list[str]:
    """The session names of a nox command line."""
    names: list[str] = []
    taking = False
    for argument in arguments:
        if argument == "--":
            break
        option, equals, value = argument.partition("=")
        if option in ("-s", "-e", "--session", "--sessions"):
            names += [value] if equals else []
            taking = not equals
        elif argument.startswith("-"):
            taking = False
        elif taking:
            names.append(argument)
    return names


sessions_of_pipelines()
sessions_of_tests()
refuse_unknown_sessions()
