"""A pipeline's requirements as a layer over an environment: from a wheel in a folder, no network."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from featuremill_local.cache import SetupError, cache_root
from featuremill_local.environments import environment, packages_of, python_with, variables_of_requirements
from featuremill_local.submitter import run_program


def write_wheel(folder: Path, name: str, source: str, *, requires: str = "") -> None:
    """A wheel `<name>-1.0` of one module."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (
        f"Requires-Dist: {requires}\n" if requires else ""
    )
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", source)
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture(autouse=True)
def wheels(tmp_path, monkeypatch):
    """An empty cache but for the serving environment, and a pip that knows one folder."""
    below = environment("serving")
    monkeypatch.setenv("FEATUREMILL_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "environments").mkdir(parents=True)
    (tmp_path / "cache" / "environments" / below.name).symlink_to(below)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


@pytest.mark.slow
def test_a_layer_has_its_own_packages_and_those_below(wheels):
    write_wheel(wheels, "few_words", "SAID = 'hello'")
    interpreter = python_with("serving", ["few-words==1.0"])
    said = subprocess.run(
        [interpreter, "-c", "import few_words, grpc; print(few_words.SAID)"], capture_output=True, text=True
    )
    assert said.stdout == "hello\n", said.stderr
    assert [path.name for path in packages_of(interpreter).glob("few_words*.py")] == ["few_words.py"]
    (wheels / "few_words-1.0-py3-none-any.whl").unlink()
    assert python_with("serving", ["few-words==1.0"]) == interpreter


def test_no_requirements_no_layer():
    assert python_with("serving", []) == environment("serving") / "bin" / "python"
    assert variables_of_requirements([]) == {}


@pytest.mark.slow
def test_what_can_not_be_had_is_told_and_leaves_nothing():
    with pytest.raises(SetupError, match=r"(?s)of the pipeline's requirements.txt could not be made.*no-such-words"):
        python_with("serving", ["no-such-words==1.0"])
    assert not list((cache_root() / "environments").glob("serving-layer-*"))


@pytest.mark.slow
def test_what_does_not_go_with_the_environment_is_told(wheels):
    write_wheel(wheels, "old_words", "", requires="protobuf<2")
    with pytest.raises(SetupError, match="the platform pins what pip calls a constraint"):
        python_with("serving", ["old-words==1.0"])


@pytest.mark.slow
def test_a_program_sees_the_packages_and_the_next_one_does_not(wheels, tmp_path):
    write_wheel(wheels, "few_words", "SAID = 'hello'")
    program = tmp_path / "says.py"
    program.write_text("import few_words\nprint(few_words.SAID)\n")
    variables = {"FEATUREMILL_PYTHON": str(python_with("serving", ["few-words==1.0"]))}
    assert run_program({"program": str(program), "environment": variables}) == {"exit_code": 0, "output": "hello\n"}
    told = run_program({"program": str(program)})
    assert told["exit_code"] == 1
    assert "No module named 'few_words'" in told["output"]
