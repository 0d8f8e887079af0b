"""The command line of spark-submit on each target, as a person sees it, and where no secret may be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from featuremill_ci.environment import load_environment
from featuremill_ci.spark_submit import Submission, as_properties, submission
from featuremill_codegen.errors import UsageError
from featuremill_codegen.package import Package

FIXTURES = Path(__file__).parent / "fixtures"
SECRET = "p4ss=w:ord#ü\\😀"
MACHINE = {"WEATHER_TOKEN": SECRET, "OTHER_SECRET": "not for this pipeline", "HOME": "/home/me"}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    folder = tmp_path / "weather-0123456789ab"
    folder.mkdir()
    for name in ("run.py", "manifest.json", "udf_def.py", "requirements.txt"):
        (folder / name).touch()
    manifest: dict[str, Any] = {"pipeline": "weather", "variables": ["WAREHOUSE", "WEATHER_TOKEN"]}
    return Package(folder, manifest, "0123456789ab")


def made(target: str, package: Package, machine: dict[str, str] = MACHINE, **more: Any) -> Submission:
    environment = load_environment(target, FIXTURES / "environments")
    return submission(environment, package, ["--dt", "2013-06-01"], machine, **more)


@pytest.mark.parametrize("target", ["local", "yarn", "kubernetes"])
def test_the_command(target, package):
    archive = Path("/cache/site-packages" if target == "local" else "/cache/requirements.zip")
    call = made(target, package, requirements=archive)
    shown = call.shown("/opt/spark/bin/spark-submit").replace(str(package.path), "dist/weather-0123456789ab") + "\n"
    expected = FIXTURES / "expected" / f"{target}.txt"
    if os.environ.get("UPDATE_EXPECTED") == "1":
        expected.write_text(shown)
    assert shown == expected.read_text()
    assert SECRET not in " ".join(call.arguments)
    assert SECRET not in repr(call)
    assert "not for this pipeline" not in str((call.arguments, call.variables, call.properties))


def test_where_secrets_are(package):
    assert made("local", package).variables["WEATHER_TOKEN"] == SECRET
    yarn = made("yarn", package)
    assert yarn.properties == {"spark.yarn.appMasterEnv.WEATHER_TOKEN": SECRET}
    assert "WEATHER_TOKEN" not in yarn.variables
    kubernetes = made("kubernetes", package, machine={})
    assert (kubernetes.properties, kubernetes.variables) == ({}, {}), "the cluster's own Secret has it"


def test_what_is_missing_is_named(package):
    with pytest.raises(UsageError, match=r"not set in this machine's environment: WEATHER_TOKEN\."):
        made("yarn", package, machine={"WEATHER_TOKEN": ""})
    package.manifest["variables"] += ["FORECAST", "MODEL"]
    with pytest.raises(UsageError, match=r"doesn't know the variables FORECAST, MODEL\.\nhelp: give them a value"):
        made("yarn", package)


def test_a_secret_in_a_properties_file():
    assert as_properties({"a.B": "plain-1_2"}) == "a.B=plain-1_2\n"
    assert as_properties({"a": SECRET}) == ("a=p4ss\\u003dw\\u003aord\\u0023\\u00fc\\u005c\\ud83d\\ude00\n")
    with pytest.raises(UsageError, match="The value of TOKEN begins or ends with a space") as refused:
        as_properties({"spark.yarn.appMasterEnv.TOKEN": "hunter2 "})
    assert "hunter2" not in str(refused.value)
