"""`nox -s submit-<pipeline>`: one day of a batch, or several, on the cluster of an environment."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.errors import UsageError
from featuremill_codegen.package import Package, build_package
from featuremill_local.cache import cache_root, content_hash, made_once
from featuremill_local.connector import build_connector
from featuremill_local.environments import packages_of, process_environment, python, python_with
from featuremill_local.places import REPOSITORY
from featuremill_local.spark_java import with_spark_java
from rich.console import Console

from featuremill_ci.environment import Environment, load_environment
from featuremill_ci.spark_submit import Submission, as_properties, submission

ENVIRONMENTS = REPOSITORY / "ci" / "environments"


@dataclass(frozen=True)
class Order:
    """What to submit: the pipeline's folder, the environment's name and the folder of all, run.py's own arguments.

    With `show` the command is printed and nothing is run. Packages are built into `dist`.
    """

    pipeline: Path
    environment: str
    environments: Path
    arguments: Sequence[str]
    dist: Path
    show: bool = False


def submit(order: Order, console: Console) -> int:
    """Run spark-submit to its end; its exit code. Raises what loading and building raise."""
    environment = load_environment(order.environment, order.environments)
    package = build_package(order.pipeline, order.dist, build_connector().pin)
    if package.manifest["mode"] != "batch":
        raise UsageError(f"{order.pipeline.name} is a stream: only batches run on Spark.")
    program = spark_home() / "bin" / "spark-submit"
    if not program.is_file():
        raise UsageError(f"{program} is missing.\nhelp: SPARK_HOME names a Spark; without it that of PyPI is taken")
    machine = dict(os.environ)
    if order.show:
        # what a person sees needs no secret's value, so none has to be there
        machine |= dict.fromkeys(environment.secrets, "unknown")
    requirements = requirements_of(environment, package)
    call = submission(environment, package, order.arguments, machine, requirements)
    if order.show:
        show(call, str(program), environment, console)
        return 0
    return run(call, program, process_variables())


def show(call: Submission, program: str, environment: Environment, console: Console) -> None:
    """Print the command, and where what is not on it comes from."""
    console.print(call.shown(program), markup=False)
    secrets = sorted(call.properties) or sorted(set(call.variables) & set(environment.secrets))
    if call.properties:
        console.print(f"# {', '.join(secrets)}: from this machine's environment, by a file that only you can read")
    elif secrets:
        console.print(f"# {', '.join(secrets)}: from this machine's environment")
    others = {name: value for name, value in call.variables.items() if name not in environment.secrets}
    if others:
        console.print("# in its environment: " + " ".join(f"{name}={value}" for name, value in sorted(others.items())))


def run(call: Submission, program: Path, variables: Mapping[str, str]) -> int:
    """Call spark-submit; its exit code. A secret's file is there as long as it runs, for this user alone."""
    command = [str(program), *call.arguments]
    with tempfile.TemporaryDirectory(prefix="featuremill-submit-") as folder:
        if call.properties:
            file = Path(folder) / "secrets.properties"
            file.touch(0o600)
            file.write_text(as_properties(call.properties), encoding="ascii")
            # without the second one the machine's spark-defaults.conf would not count
            command[1:1] = ["--properties-file", str(file), "--load-spark-defaults"]
        return subprocess.run(command, env={**variables, **call.variables}).returncode


def spark_home() -> Path:
    """The machine's own Spark (SPARK_HOME), else the one of the spark environment."""
    told = os.environ.get("SPARK_HOME")
    return Path(told) if told else packages_of(python("spark")) / "pyspark"


def process_variables() -> dict[str, str]:
    """The environment variables of spark-submit: a Java that Spark starts with, and the Python of the driver."""
    own = {} if "PYSPARK_PYTHON" in os.environ else {"PYSPARK_PYTHON": str(python("spark"))}
    return {**with_spark_java(process_environment("spark")), "SPARK_HOME": str(spark_home()), **own}


def requirements_of(environment: Environment, package: Package) -> Path | None:
    """What the pipeline's requirements.txt names, installed: the folder, or for a cluster an archive of it."""
    requirements: list[str] = package.manifest["requirements"]
    if not requirements:
        return None
    folder = packages_of(python_with("spark", requirements))
    if environment.target == "local":
        return folder
    target = cache_root() / "archives" / content_hash(str(folder))
    return made_once(target, lambda made: _archive(folder, made)) / "requirements.zip"


def _archive(folder: Path, target: Path) -> None:
    import shutil

    shutil.make_archive(str(target / "requirements"), "zip", folder)
