"""The package by itself: installed into an environment of its own, started by one command, called by a stock client."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from featuremill_local.environments import environment
from serving_harness import SERVING, RedisServer, Service

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that has the package and what it needs."""
    folder = tmp_path_factory.mktemp("installed")
    source = shutil.copytree(SERVING, folder / "serving", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    commands = folder / "venv" / "bin"
    subprocess.run([commands / "python", "-m", "pip", "install", "--quiet", source], check=True)
    return commands


def test_it_answers_a_client_that_knows_it_by_reflection(
    installed: Path, own_redis: RedisServer, tmp_path: Path
) -> None:
    own_redis.write("airport:JFK", {"departures_1h": "17"})
    command = [str(installed / "featuremill-serving"), "--redis", own_redis.address]
    with Service(tmp_path, command=command, environment={"PYTHONPATH": ""}) as service:
        request = {"entityName": "airport:JFK", "featureNames": ["departures_1h", "remark"]}
        buf = environment("buf") / "bin" / "buf"
        url = f"http://{service.address}/featuremill.serving.v1.FeatureService/GetFeatures"
        arguments = ["curl", "--protocol", "grpc", "--http2-prior-knowledge", "--data", json.dumps(request), url]
        done = subprocess.run([buf, *arguments], capture_output=True, text=True, cwd=tmp_path, env={"PATH": os.defpath})
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {
            "values": ["17", ""],
            "statuses": ["FEATURE_STATUS_PRESENT", "FEATURE_STATUS_MISSING"],
        }


def test_it_has_what_types_need_and_nothing_of_ours_besides(installed: Path) -> None:
    code = "import featuremill_serving, sys; print(featuremill_serving.__file__)"
    done = subprocess.run([installed / "python", "-c", code], capture_output=True, text=True, check=True, cwd="/")
    package = Path(done.stdout.strip()).parent
    assert package.is_relative_to(installed.parent)
    there = {path.relative_to(package) for path in package.rglob("*") if path.suffix in (".py", ".pyi", ".typed")}
    ours = SERVING / "featuremill_serving"
    assert there == {path.relative_to(ours) for path in ours.rglob("*") if path.suffix in (".py", ".pyi", ".typed")}
    assert not list(package.parent.glob("featuremill_[!s]*"))
