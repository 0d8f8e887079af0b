"""The command line that runs a batch's package by `spark-submit`: alone on this machine, on YARN, on Kubernetes.

On YARN and Kubernetes the driver runs in the cluster, and Spark takes the package's files there. A variable of the
pipeline is set in the driver's environment. A secret is never on the command line, which every user of a machine can
read: it is in the process's own environment (local), in a properties file of this user's that is gone afterwards, and
blotted out wherever Spark shows its settings (YARN), or the cluster's own, by name (Kubernetes).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from featuremill_codegen.errors import UsageError
from featuremill_codegen.package import Package

from featuremill_ci.environment import Environment

UTC = "-Duser.timezone=UTC"
JAVA_OPTIONS = ("spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions")
REDACTION = "spark.redaction.regex"
SPARKS_REDACTION = "(?i)secret|password|token|access[.]?key"
ARCHIVE = "requirements"


@dataclass(frozen=True)
class Submission:
    """How spark-submit is called: its arguments, the environment variables of its process, and settings that go into a
    file that only this user can read.
    """

    arguments: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)

    def shown(self, program: str) -> str:
        """The command for a person, an option a line; no secret is in it."""
        lines = [shlex.quote(program)]
        for argument in self.arguments:
            if lines[-1].startswith("--") and not argument.startswith("--") and " " not in lines[-1]:
                lines[-1] += f" {shlex.quote(argument)}"
            else:
                lines.append(shlex.quote(argument))
        return " \\\n  ".join(lines)


def submission(
    environment: Environment,
    package: Package,
    program_arguments: Sequence[str],
    machine: Mapping[str, str],
    requirements: Path | None = None,
) -> Submission:
    """The call of spark-submit for a package.

    `program_arguments` are run.py's own, but the feature source; `machine` is the environment of this process, where
    secrets are; `requirements` is what the pipeline's requirements.txt names: an archive, or on the target local the
    folder of the packages. Raises UsageError where a variable is nowhere, or a secret is not set on this machine.
    """
    values, secrets = variables(environment, package.manifest["variables"], machine)
    settings = {**common_settings(environment), **environment.spark.settings}
    for key in JAVA_OPTIONS:
        settings[key] = " ".join([*filter(None, [environment.spark.settings.get(key)]), UTC])
    process: dict[str, str] = {}
    properties: dict[str, str] = {}
    files: list[str] = []
    if environment.target == "local":
        process = {**values, **secrets, "TZ": "UTC"}
        if requirements is not None:
            process["PYTHONPATH"] = str(requirements)
            settings["spark.executorEnv.PYTHONPATH"] = str(requirements)
        where = ["--master", environment.spark.master or "local[2]"]
    else:
        values["TZ"] = "UTC"
        names = sorted(path.name for path in package.path.iterdir() if path.name in ("manifest.json", "udf_def.py"))
        files = ["--files", ",".join(str(package.path / name) for name in names)]
        if requirements is not None:
            files += ["--archives", f"{requirements}#{ARCHIVE}"]
            values["PYTHONPATH"] = settings["spark.executorEnv.PYTHONPATH"] = ARCHIVE
        where = ["--master", environment.spark.master or "yarn", "--deploy-mode", "cluster"]
        if environment.target == "yarn":
            settings |= {f"spark.yarn.appMasterEnv.{name}": value for name, value in values.items()}
            properties = {f"spark.yarn.appMasterEnv.{name}": value for name, value in secrets.items()}
            settings[REDACTION] = redaction(settings.get(REDACTION, SPARKS_REDACTION), properties)
        else:
            settings |= {f"spark.kubernetes.driverEnv.{name}": value for name, value in values.items()}
            settings |= {
                f"spark.kubernetes.driver.secretKeyRef.{name}": f"{environment.spark.secret}:{name}" for name in secrets
            }
    name = f"{package.manifest['pipeline']}@{package.version}"
    conf = [part for key, value in sorted(settings.items()) for part in ("--conf", f"{key}={value}")]
    program = [str(package.path / "run.py"), "--feature-source", environment.spark.feature_source, *program_arguments]
    return Submission([*where, "--name", name, *conf, *files, *program], process, properties)


def common_settings(environment: Environment) -> dict[str, str]:
    """Spark's settings that the file has under names of its own."""
    spark = environment.spark
    settings = {
        "spark.executorEnv.TZ": "UTC",
        "spark.hadoop.hive.metastore.uris": spark.metastore,
        "spark.sql.warehouse.dir": spark.warehouse,
    }
    if environment.target == "kubernetes":
        settings |= {
            "spark.kubernetes.container.image": spark.image,
            "spark.kubernetes.namespace": spark.namespace,
            "spark.kubernetes.file.upload.path": spark.upload,
        }
    return {key: value for key, value in settings.items() if value is not None}


def variables(
    environment: Environment, needed: Sequence[str], machine: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The values and the secrets that a pipeline needs, no others. On Kubernetes a secret's value is not known here."""
    values = {name: environment.values[name] for name in needed if name in environment.values}
    names = [name for name in needed if name in environment.secrets]
    unknown = [name for name in needed if name not in values and name not in names]
    if unknown:
        mend = "give them a value under `values`, or list them under `secrets`"
        raise UsageError(f"The environment doesn't know the variables {', '.join(unknown)}.\nhelp: {mend}")
    if environment.target == "kubernetes":
        return values, dict.fromkeys(names, "")
    unset = [name for name in names if not machine.get(name)]
    if unset:
        raise UsageError(f"Secrets that are not set in this machine's environment: {', '.join(unset)}.")
    return values, {name: machine[name] for name in names}


def redaction(known: str, properties: Mapping[str, str]) -> str:
    """What Spark blots out by name in its UI, logs and event log: these settings, too."""
    return "|".join([known, *(f"^{re.escape(key)}$" for key in sorted(properties))])


def as_properties(settings: Mapping[str, str]) -> str:
    """The settings as Java reads them from a properties file, in ASCII.

    Raises UsageError for a value that begins or ends with a space, which Spark would take away.
    """
    lines = []
    for key, value in settings.items():
        if value != value.strip():
            raise UsageError(
                f"The value of {key.rpartition('.')[2]} begins or ends with a space, which Spark takes away."
            )
        units = value.encode("utf-16-be")
        codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
        lines.append(f"{key}=" + "".join(_escaped(code) for code in codes) + "\n")
    return "".join(lines)


def _escaped(code: int) -> str:
    """A UTF-16 code unit as a properties file has it."""
    plain = 0x20 < code < 0x7F and chr(code) not in "\\=:#!"
    return chr(code) if plain else f"\\u{code:04x}"
