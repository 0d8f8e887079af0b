"""The command line: exit codes, messages, no traceback for a person's mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import featuremill_codegen
import pytest
from featuremill_codegen.cli import main

PIN = "io.featuremill:featuremill-redis:0.1.0@" + "0" * 64


def test_lint(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ["--root", str(demo.parent)]
    assert main(["lint", *root]) == 0
    assert capsys.readouterr().err == "0 findings in 1 pipeline\n"
    (demo / "transform.sql").write_text("SELECT 1 +", encoding="utf-8")
    assert main(["lint", "demo", *root]) == 1
    output = capsys.readouterr()
    assert "pipelines/demo/transform.sql:1:10: FM101" in output.out
    assert "\033[" not in output.out
    assert output.err == "1 finding in 1 pipeline\n"


def test_build(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--root", str(demo.parent), "--dist", str(tmp_path / "dist"), "--connector", PIN]
    assert main(["build", "demo", *place]) == 0
    package = Path(capsys.readouterr().out.strip())
    assert json.loads((package / "manifest.json").read_text(encoding="utf-8"))["pipeline"] == "demo"
    assert main(["build", "demmo", *place]) == 2
    assert capsys.readouterr().err == "error: There is no pipeline `demmo`.\nhelp: did you mean `demo`?\n"
    (demo / "feature.yaml").unlink()
    assert main(["build", "demo", *place]) == 1
    assert "FM100 This file is missing." in capsys.readouterr().err


def test_build_into_what_is_no_folder(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dist").touch()
    place = ["--root", str(demo.parent), "--dist", str(tmp_path / "dist"), "--connector", PIN]
    assert main(["build", "demo", *place]) == 2
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize("pin", ["", "a:b@" + "0" * 64, "a:b:c@123", "a:b:c@" + "X" * 64])
def test_a_wrong_pin(pin: str, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "demo", "--root", str(demo.parent), "--connector", pin]) == 2
    assert "is not GROUP:ARTIFACT:VERSION@SHA256" in capsys.readouterr().err


def test_new_and_registry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ["--root", str(tmp_path / "pipelines")]
    assert main(["new", "clicks", *root]) == 0
    assert main(["new", "clicks", *root]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main(["registry", *root]) == 0
    assert list(json.loads(capsys.readouterr().out)["pipelines"]) == ["clicks"]


@pytest.mark.parametrize("name", ["tests", "Clicks", "../up", ""])
def test_names_that_new_refuses(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", name, "--root", str(tmp_path / "pipelines")]) == 2
    assert f"`{name}`" in capsys.readouterr().err
    assert not (tmp_path / "pipelines").exists()


def test_the_longest_name_makes_a_good_pipeline(tmp_path: Path) -> None:
    root = ["--root", str(tmp_path / "pipelines")]
    assert main(["new", "x" * 63, *root]) == 0
    assert main(["lint", *root]) == 0


@pytest.mark.parametrize("arguments", [[], ["nope"], ["build"], ["lint", "--nope"]])
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: featuremill_codegen" in capsys.readouterr().err


def as_a_module(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, without what the tests' own environment says of Python's output."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONUNBUFFERED", "PYTHONIOENCODING")}
    environment = kept | {"PYTHONPATH": str(Path(featuremill_codegen.__file__).parents[1])} | options.pop("env", {})
    command = [sys.executable, "-m", "featuremill_codegen", *arguments]
    return subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, **options)


def test_letters_that_stdout_lacks_are_written_as_escapes() -> None:
    done = as_a_module("lint", "--explain", "FM402", stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "because \\u2026" in done.stdout


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_is_no_warning(unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = as_a_module("lint", "--explain", "FM402", stdout=writer, env={"PYTHONUNBUFFERED": unbuffered})
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_full_disk_is_a_message() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = as_a_module("lint", "--explain", "FM402", stdout=full)
    message = "error: The output can't be read or written: No space left on device.\n"
    assert (done.returncode, done.stderr) == (2, message)


def test_ctrl_c_is_no_traceback(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("featuremill_codegen.lint.command.run", interrupted)
    assert main(["lint", "--root", str(demo.parent)]) == 130


def test_without_a_folder_of_pipelines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "--root", str(tmp_path / "none")]) == 2
    assert "There is no folder" in capsys.readouterr().err
