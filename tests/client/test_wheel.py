"""The built wheel, alone in a fresh environment, with the oldest and the newest releases that it takes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from client_registry import PIPELINE
from serving_harness import NOW_MS, SERVING

PYPROJECT = (SERVING / "client" / "pyproject.toml").read_text(encoding="utf-8")
LOWEST = [f"{name}=={version}" for name, version in re.findall(r'^  "(\w+)>=([0-9.]+),', PYPROJECT, re.MULTILINE)]
PROGRAM = """
import sys, warnings
warnings.simplefilter("error")
import google.protobuf, grpc
from featuremill_client import Client
with Client(sys.argv[1], timeout=20) as client:
    print(dict(client.get("airport:WHEEL", ["departures_1h", "mean_delay_1h"])))
    frame = client.frame(["airport:WHEEL"] * 3, feature_set="delay_model_v3")
    print(frame.features, len(frame))
    try:
        frame.to_pandas()
    except ImportError as error:
        print(error)
print(f"grpcio=={grpc.__version__}", f"protobuf=={google.protobuf.__version__}")
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, of a copy of the sources: building writes beside them."""
    folder = tmp_path_factory.mktemp("wheel")
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    shutil.copytree(SERVING / "client", folder / "client", ignore=leave)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(folder / "client")], check=True)
    [made] = folder.glob("*.whl")
    return made


@pytest.mark.slow
def test_what_is_in_it(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    sources = {
        str(path.relative_to(SERVING / "client"))
        for path in (SERVING / "client" / "featuremill_client").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources == {name for name in names if ".dist-info/" not in name}
    assert {"featuremill_client/py.typed", "featuremill_client/v1/serving_pb2.pyi"} <= names
    assert "Provides-Extra: polars" in metadata


@pytest.mark.slow
@pytest.mark.parametrize("pins", [LOWEST, []], ids=["oldest", "newest"])
def test_in_a_fresh_environment(wheel, service, shared_redis, tmp_path, pins):
    shared_redis.write("airport:WHEEL", {"departures_1h": "17"}, {PIPELINE: NOW_MS})
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "fresh")], check=True)
    python = tmp_path / "fresh" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel), *pins], check=True)
    done = subprocess.run(
        [python, "-c", PROGRAM, service.address], env={}, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    got, framed, refused, releases = done.stdout.splitlines()
    assert got == "{'departures_1h': 17, 'mean_delay_1h': 0.0}"
    assert framed == "('mean_delay_1h', 'departures_1h') 3"
    assert "with its extra [pandas], or run: pip install pandas" in refused
    assert all(pin.removesuffix(".0") in releases for pin in pins)
